"""Only links that can lead to a picture of ours are followed, and they are followed as they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.links import STORES, end_of, usable

STORE = "https://bucket-1251.cos.ap-guangzhou.myqcloud.com"
SIGNED = f"{STORE}/a%20b/%E5%9B%BE.png?q-sign-time=1731655045%3B1731658645&q-signature=0a%2Bb%3D&x=%7E"


@pytest.mark.parametrize(
    "link",
    [
        SIGNED,
        "https://bucket.cos.accelerate.myqcloud.com/1.png",
        "https://bucket.cos.ap-guangzhou.tencentcos.cn/1.png",
    ],
)
def test_links_of_the_vendors_storage_are_followed_to_the_letter(link: str) -> None:
    assert str(usable(link)) == link


def test_the_usual_port_may_be_named() -> None:
    assert str(usable(f"{STORE}:443/1.png")) == f"{STORE}/1.png"


FOREIGN = [
    "",
    "/1.png",
    "ftp://bucket.cos.ap-guangzhou.myqcloud.com/1.png",
    "file:///etc/passwd",
    "https://images.example/1.png",
    "https://myqcloud.com/1.png",
    "https://.myqcloud.com/1.png",
    "https://evilmyqcloud.com/1.png",
    "https://bucket.myqcloud.com.evil.example/1.png",
    "https://evil.example/?.myqcloud.com",
    "https://evil.example#.myqcloud.com",
    "https://evil.example\\.myqcloud.com/",
    "https://user@bucket.myqcloud.com/1.png",
    "https://user:word@bucket.myqcloud.com/1.png",
    "https://bucket.myqcloud.com@evil.example/1.png",
    "https://bucket.myqcloud.com:8443/1.png",
    "https://bucket.myqcloud.com:22/1.png",
    "https://bucket.myqcloud.com:x/1.png",
    "https://bucket.myqcloud.com/1.png\r\nX-Evil: 1",
    "https://bucket.myqcloud.com/a b.png",
    "https://bucket。myqcloud.com/1.png",
    "https://169.254.0.23/1.png",
    "https://2130706433/1.png",
    "https://[::ffff:169.254.169.254]/1.png",
    "https://[",
    "https://bucket.myqcloud.com/" + "x" * 9000,
]


@pytest.mark.parametrize("link", FOREIGN)
@pytest.mark.parametrize("local", [False, True])
def test_other_links_are_not_followed(link: str, local: bool) -> None:
    assert usable(link, local=local) is None


LOCAL = ["http://127.0.0.1:8080/1.png", "http://localhost/1.png", "http://[::1]:81/1.png", "https://127.0.0.1/1.png"]


@pytest.mark.parametrize("link", LOCAL)
def test_this_machine_is_trusted_only_if_the_endpoint_is_on_it(link: str) -> None:
    assert usable(link) is None
    assert str(usable(link, local=True)) == link


@pytest.mark.parametrize(
    "link", ["http://bucket.cos.ap-guangzhou.myqcloud.com/1.png", "http://10.0.0.1/", "http://u@127.0.0.1/"]
)
@pytest.mark.parametrize("local", [False, True])
def test_plain_http_leads_nowhere_but_here(link: str, local: bool) -> None:
    assert usable(link, local=local) is None


def test_other_stores_can_be_named() -> None:
    assert usable("https://a.store.example/1.png", stores=(".store.example",)) is not None
    assert usable(SIGNED, stores=(".store.example",)) is None


@given(st.text() | st.text("htps:/@\\.#?[]%1myqcloud.com"))
def test_any_text_is_a_link_or_not(link: str) -> None:
    url = usable(link)
    assert url is None or (url.host or "").endswith(STORES)
    end_of(link)


@pytest.mark.parametrize(
    ("link", "end"),
    [
        (SIGNED, 1731658645.0),
        (SIGNED.replace("%3B", ";"), 1731658645.0),
        (f"{STORE}/1.png", None),
        (f"{STORE}/1.png?q-sign-time=", None),
        (f"{STORE}/1.png?q-sign-time=1;x", None),
        (f"{STORE}/1.png?q-sign-time=9999999999999999999999;9999999999999999999999", None),
    ],
)
def test_a_links_end_is_read_from_its_signature(link: str, end: float | None) -> None:
    assert end_of(link) == end
