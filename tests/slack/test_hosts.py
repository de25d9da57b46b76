"""Only Slack's own addresses are called, or the API's own host while it is this machine."""

from __future__ import annotations

import pytest

from bot.slack.hosts import is_loopback, may_answer_to, may_upload_to

SLACK = "https://slack.com/api/"
LOCAL = "http://127.0.0.1:4000/api/"


@pytest.mark.parametrize("url", ["https://files.slack.com/upload/v1/x", "https://eu.files.slack.com:443/upload"])
def test_slacks_upload_addresses_are_called(url: str) -> None:
    assert may_upload_to(url, api_url=SLACK)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.slack.com/upload",
        "https://files.slack.com.evil.example/upload",
        "https://evilslack.com/upload",
        "https://user:pass@files.slack.com/upload",
        "https://files.slack.com@evil.example/upload",
        "https://files.slack.com:8443/upload",
        "https://169.254.169.254/latest",
        "http://127.0.0.1:4000/upload",
        "file:///etc/passwd",
        "https://files.slack.com:port/",
        "",
    ],
)
def test_nothing_else_gets_the_bytes(url: str) -> None:
    assert not may_upload_to(url, api_url=SLACK)


def test_a_local_slack_gets_them_on_its_own_port_only() -> None:
    assert may_upload_to("http://127.0.0.1:4000/upload/v1/x", api_url=LOCAL)
    assert not may_upload_to("http://127.0.0.1:4001/upload/v1/x", api_url=LOCAL)
    assert not may_upload_to("https://files.slack.com/upload/v1/x", api_url=LOCAL)


def test_answers_go_to_slacks_hooks_only() -> None:
    assert may_answer_to("https://hooks.slack.com/commands/T/1/x", api_url=SLACK)
    assert not may_answer_to("https://files.slack.com/x", api_url=SLACK)
    assert may_answer_to("http://127.0.0.1:4000/response/x", api_url=LOCAL)


@pytest.mark.parametrize("url", ["http://localhost/", "http://[::1]:1/", "http://127.8.0.1/"])
def test_this_machine_is_known_by_its_names(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://localhost.example/", ""])
def test_another_machine_is_another(url: str) -> None:
    assert not is_loopback(url)
