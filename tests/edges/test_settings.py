"""Settings: what is wrong is said in one line that names the key, and never the value."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import Misconfigured
from bot.settings import Settings, SettingsError, read_settings
from bot.store.engines import parse

GOOD: dict[str, object] = {
    "slack_bot_token": "xoxb-canary-bot",
    "slack_app_token": "xapp-canary-app",
    "tencentcloud_secret_id": "canary-id",
    "tencentcloud_secret_key": "canary-key",
}
HTTPS = "must be an http(s) address like https://host/path"
PLAIN = "must be a plain address, without a password, a question or a fragment"
LOOPBACK = "plain http is accepted only for this machine (127.0.0.1, localhost)"
NO_KEY = "has a space, a line break or another character in it that no key has"


def read(**changes: object) -> Settings:
    """Good settings with changes; None leaves a key out."""
    values = {**GOOD, **changes}
    return read_settings(_env_file=None, **{name: value for name, value in values.items() if value is not None})


def complaint(**changes: object) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as wrong:
        read(**changes)
    return wrong.value.lines


@pytest.mark.parametrize("key", ["slack_bot_token", "tencentcloud_secret_id", "tencentcloud_secret_key"])
def test_a_missing_key_is_named(key: str) -> None:
    assert complaint(**{key: None}) == (f"{key.upper()}: is not set",)


def test_everything_missing_is_one_line_each() -> None:
    with pytest.raises(SettingsError) as wrong:
        read_settings(_env_file=None)
    assert wrong.value.lines == tuple(
        f"{key}: is not set" for key in ("SLACK_BOT_TOKEN", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY")
    )


def test_without_an_app_token_or_a_signing_secret_there_is_no_way_in() -> None:
    [line] = complaint(slack_app_token=None)
    assert "SLACK_APP_TOKEN" in line
    assert "SLACK_SIGNING_SECRET" in line


@pytest.mark.parametrize(
    "key",
    ["slack_bot_token", "slack_app_token", "slack_signing_secret", "tencentcloud_secret_id",
     "tencentcloud_secret_key", "tencentcloud_token"],
)  # fmt: skip
@pytest.mark.parametrize("spoiled", ["{}\n", " {}", "{}\u200b", "{}\u00e9", "{} {}", "{}\x00"], ids=ascii)
def test_a_secret_that_was_pasted_badly_is_refused(key: str, spoiled: str) -> None:
    good = str(GOOD.get(key, "canary-other"))
    assert complaint(**{key: spoiled.format(good, good)}) == (f"{key.upper()}: {NO_KEY}",)


WRONG = [
    ("slack_bot_token", "xoxp-canary", "must begin with xoxb-"),
    ("slack_app_token", "xoxb-canary", "must begin with xapp-"),
    ("slack_api_url", "http://canary.example/api", LOOPBACK),
    ("slack_api_url", "canary.example/api", HTTPS),
    ("slack_api_url", "ftp://canary.example/api", HTTPS),
    ("slack_api_url", "https://canary:pw@slack.com/api", PLAIN),
    ("slack_api_url", "https://slack.com/api?canary=1", PLAIN),
    ("hunyuan_endpoint", "http://canary.tencentcloudapi.com", LOOPBACK),
    ("hunyuan_endpoint", "http://127.0.0.1.canary.example", LOOPBACK),
    ("hunyuan_endpoint", "https://host:canary", HTTPS),
    ("hunyuan_endpoint", "https://[canary]", HTTPS),
    ("hunyuan_endpoint", "https://host canary", HTTPS),
    ("hunyuan_endpoint", "https://", HTTPS),
    ("hunyuan_region", "canary/..", "should match pattern"),
    ("hunyuan_slots", "0", "greater than or equal to 1"),
    ("hunyuan_slots", "canary", "valid integer"),
    ("hunyuan_rate", "0", "greater than 0"),
    ("hunyuan_rate", "nan", "less than or equal to 1000"),
    ("hunyuan_rate", "inf", "less than or equal to 1000"),
    ("hunyuan_typical", "-1", "greater than 0"),
    ("hunyuan_probe", "canary", "valid number"),
    ("hunyuan_hold", "0", "greater than 0"),
    ("hunyuan_deadline", "0", "greater than or equal to 1"),
    ("database_url", "canary", "must be sqlite:///path or postgresql://user:password@host/name"),
    ("database_url", "mysql://canary@host/name", "must be sqlite:///path or postgresql://user:password@host/name"),
    ("database_url", "postgresql://u:can/ary@host/name", "in a password, % / : @ ? # are written as"),
    ("database_url", "postgresql://u:can#ary@host/name", "in a password, % / : @ ? # are written as"),
    ("spool_url", "canary", "must be file:///folder or s3://bucket/prefix"),
    ("spool_url", "s3:///canary", "must be file:///folder or s3://bucket/prefix"),
    ("port", "70000", "less than or equal to 65535"),
    ("port", "canary", "valid integer"),
    ("log_level", "canary", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ("log_format", "canary", "'json' or 'console'"),
]


@pytest.mark.parametrize(("key", "value", "said"), WRONG, ids=[f"{key}={value}" for key, value, _ in WRONG])
def test_a_wrong_value_is_one_line_with_the_key_and_without_the_value(key: str, value: str, said: str) -> None:
    [line] = complaint(**{key: value})
    assert line.startswith(f"{key.upper()}: ")
    assert said in line
    assert "canary" not in line
    assert "\n" not in line


def test_several_wrong_values_are_several_lines() -> None:
    lines = complaint(port="x", hunyuan_slots="x", log_level="x")
    assert [line.partition(":")[0] for line in lines] == ["HUNYUAN_SLOTS", "PORT", "LOG_LEVEL"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("hunyuan.tencentcloudapi.com", "https://hunyuan.tencentcloudapi.com"),
        ("https://hunyuan.intl.tencentcloudapi.com", "https://hunyuan.intl.tencentcloudapi.com"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("http://localhost:9000", "http://localhost:9000"),
    ],
)
def test_an_endpoint_without_a_scheme_is_https_and_plain_http_is_for_this_machine(given: str, meant: str) -> None:
    assert read(hunyuan_endpoint=given).hunyuan_endpoint == meant


def test_the_slack_address_ends_with_one_slash_however_it_was_written() -> None:
    for given in ("https://slack.com/api", "https://slack.com/api/", "https://slack.com/api//"):
        assert read(slack_api_url=given).slack_api_url == "https://slack.com/api/"


def test_an_app_token_means_socket_mode_and_none_means_http() -> None:
    assert read().socket_mode
    assert not read(slack_app_token=None, slack_signing_secret="canary-signing").socket_mode


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENCENTCLOUD_TOKEN", "")
    assert read().tencentcloud_token is None


def test_settings_come_from_the_environment_and_from_a_file_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "settings"
    file.write_text("\n".join(f"{key.upper()}={value}" for key, value in GOOD.items()) + "\nPORT=1\nHOST=h\n")
    monkeypatch.setenv("PORT", "2")
    settings = read_settings(_env_file=file)
    assert (settings.port, settings.host) == (2, "h")
    assert settings.slack_bot_token.get_secret_value() == "xoxb-canary-bot"


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "settings"
    file.write_bytes(b"SLACK_BOT_TOKEN=xoxb-\xff\xfe\n")
    with pytest.raises(SettingsError) as wrong:
        read_settings(_env_file=file)
    assert wrong.value.lines == (".env: cannot be read as UTF-8 text",)


def test_names_are_written_with_commas_with_or_without_colons() -> None:
    settings = read(reroll_reactions=" :repeat:, game_die ,", admin_users="U1,U2")
    assert settings.reroll_reactions == ("repeat", "game_die")
    assert settings.admin_users == ("U1", "U2")


def test_the_log_level_may_be_written_small() -> None:
    assert read(log_level="debug").log_level == "DEBUG"


def test_the_database_and_the_spool_are_in_the_data_folder_unless_told_otherwise(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    settings = read(data_dir=folder)
    assert parse(settings.database).database == str(folder / "imagine.db")
    assert settings.spool == (folder / "spool").as_uri()
    told = read(database_url="sqlite:///x y.db", spool_url="s3://bucket/prefix")
    assert (told.database, told.spool) == ("sqlite:///x y.db", "s3://bucket/prefix")


@pytest.mark.parametrize(
    "url", ["sqlite:///x.db", "sqlite+aiosqlite:////x.db", "postgresql://u:p%2Fq@h:5432/n", "postgres://h/n"]
)
def test_a_database_that_the_settings_accept_is_one_that_the_store_can_read(url: str) -> None:
    assert parse(read(database_url=url).database).drivername in {"sqlite+pysqlite", "postgresql+asyncpg"}


def test_no_secret_shows_in_the_settings_as_text() -> None:
    settings = read(
        slack_signing_secret="canary-signing",
        tencentcloud_token="canary-session",
        database_url="postgresql://u:canary@h/n",
        spool_url="s3://canary/prefix",
    )
    assert "canary" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert settings.secrets == {
        "xoxb-canary-bot", "xapp-canary-app", "canary-id", "canary-key", "canary-signing", "canary-session",
        "postgresql://u:canary@h/n", "s3://canary/prefix",
    }  # fmt: skip


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(Misconfigured, match="DATA_DIR: the folder cannot be made") as wrong:
        read(data_dir=file / "data").make_data_dir()
    assert "\n" not in wrong.value.detail
    assert str(tmp_path) not in wrong.value.detail


def test_a_price_is_an_amount_and_a_currency_and_none_if_nothing_is_said() -> None:
    price = read(price_per_picture="0.50 CNY").price_per_picture
    assert price is not None
    assert price.of(2) == "1.00 CNY"
    assert read().price_per_picture is None
    assert complaint(price_per_picture="cheap") == (
        "PRICE_PER_PICTURE: must be an amount and a currency, as in 0.50 CNY",
    )


@pytest.mark.parametrize("name", ["#pictures", "pictures", "D0ADA00AAA1"])
def test_a_gallery_is_named_by_a_channels_id(name: str) -> None:
    assert read(gallery_channel="C0PICTURES1").gallery_channel == "C0PICTURES1"
    assert read().gallery_channel == ""
    with pytest.raises(SettingsError, match="GALLERY_CHANNEL"):
        read(gallery_channel=name)
