"""The only reader of the environment. A wrong or missing setting is one line that names the key, never its value."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import Misconfigured
from bot.price import Price, price_from


class SettingsError(Exception):
    """The settings cannot be used; `lines` say why, one a key."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parts(url: str) -> SplitResult | None:
    """The URL's parts if it is one; the library's own complaints quote what they complain about."""
    try:
        parts = urlsplit(url)
        valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if valid and url.isprintable() else None


def _http_url(url: str) -> str:
    parts = _parts(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or " " in url:
        raise ValueError("must be an http(s) address like https://host/path")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("must be a plain address, without a password, a question or a fragment")
    if parts.scheme == "http" and not is_loopback(url):
        raise ValueError("plain http is accepted only for this machine (127.0.0.1, localhost)")
    return url


def _endpoint(value: object) -> object:
    """`hunyuan.tencentcloudapi.com` means https, as in the vendor's own tools."""
    return value if not isinstance(value, str) or "://" in value else f"https://{value}"


def _slack_api(url: str) -> str:
    return _http_url(url).rstrip("/") + "/"


def _one_line(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if not secret:
        raise ValueError("is empty")
    if any(c.isspace() or not c.isprintable() or not c.isascii() for c in secret):
        raise ValueError("has a space, a line break or another character in it that no key has")
    return value


def _database(value: SecretStr) -> SecretStr:
    """Only the shape; the store knows the rest. A password with a bare `/`, `@`, `:` or `#` falls apart into others."""
    url = value.get_secret_value()
    parts = _parts(url)
    kind = parts.scheme.split("+", 1)[0] if parts is not None else ""
    if parts is None or not (kind == "sqlite" or (kind in {"postgres", "postgresql"} and not parts.fragment)):
        advice = "in a password, % / : @ ? # are written as %25 %2F %3A %40 %3F %23"
        raise ValueError(f"must be sqlite:///path or postgresql://user:password@host/name; {advice}")
    return value


def _spool(value: SecretStr) -> SecretStr:
    parts = _parts(value.get_secret_value())
    if parts is None or parts.scheme not in {"file", "s3"} or (parts.scheme == "s3" and not parts.netloc):
        raise ValueError("must be file:///folder or s3://bucket/prefix")
    return value


def _prefixed(prefix: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith(prefix):
            raise ValueError(f"must begin with {prefix}")
        return value

    return AfterValidator(check)


def _price(value: object) -> object:
    return price_from(value) if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _words(value: object) -> object:
    if isinstance(value, str):
        return tuple(word.strip().strip(":") for word in value.split(",") if word.strip())
    return value


Secret = Annotated[SecretStr, AfterValidator(_one_line)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]


class Settings(BaseSettings):
    """Everything that can be set, from the environment or `.env`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    slack_bot_token: Annotated[Secret, _prefixed("xoxb-")]
    slack_app_token: Annotated[Secret, _prefixed("xapp-")] | None = None
    slack_signing_secret: Secret | None = None
    slack_api_url: Annotated[str, AfterValidator(_slack_api)] = "https://slack.com/api/"

    tencentcloud_secret_id: Secret
    tencentcloud_secret_key: Secret
    tencentcloud_token: Secret | None = None
    hunyuan_endpoint: Annotated[str, BeforeValidator(_endpoint), AfterValidator(_http_url)] = (
        "https://hunyuan.tencentcloudapi.com"
    )
    hunyuan_region: str = Field(default="ap-guangzhou", pattern=r"^[a-z0-9-]+$")
    hunyuan_slots: int = Field(default=1, ge=1, le=1000)
    hunyuan_exact: bool | None = Field(default=None, description="whether the account refuses more jobs than its slots")
    hunyuan_rate: float = Field(default=20.0, gt=0, le=1000)
    hunyuan_typical: float = Field(default=10.0, gt=0, le=3600, description="seconds one picture takes, until learned")
    hunyuan_probe: float = Field(default=30.0, gt=0, le=3600, description="seconds between probes while paused")
    hunyuan_hold: float = Field(default=60.0, gt=0, le=3600, description="seconds, at least, for an unknown submit")
    hunyuan_deadline: float = Field(default=600.0, ge=1, le=86_400, description="seconds a picture may take")

    crowd: int = Field(default=10, ge=0, description="asks within a second from which on they are stored as they come")

    data_dir: Path = Path("data")
    database_url: Annotated[SecretStr, AfterValidator(_database)] | None = None
    spool_url: Annotated[SecretStr, AfterValidator(_spool)] | None = None

    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65_535)
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"
    log_format: Literal["json", "console"] = "json"

    price_per_picture: Annotated[Price | None, NoDecode, BeforeValidator(_price)] = None

    admin_users: Names = ()
    reroll_reactions: Names = ("repeat", "arrows_counterclockwise", "game_die")
    cancel_reactions: Names = ("x",)
    illustrate_reactions: Names = ("frame_with_picture", "art")
    star_reactions: Names = ("star", "star2")
    vote_reactions: Names = ("+1", "thumbsup")
    gallery_channel: str = Field(default="", pattern=r"^([CG][A-Z0-9]+)?$", description="a channel's id, or empty")

    @model_validator(mode="after")
    def _a_way_in(self) -> Settings:
        if self.slack_app_token is None and self.slack_signing_secret is None:
            raise ValueError(
                "SLACK_APP_TOKEN (for Socket Mode) or SLACK_SIGNING_SECRET (for HTTP at /slack/events) must be set"
            )
        return self

    @property
    def socket_mode(self) -> bool:
        """Socket Mode if there is an app token, otherwise HTTP."""
        return self.slack_app_token is not None

    @property
    def secrets(self) -> frozenset[str]:
        """Every value that must never be seen."""
        held = (getattr(self, name) for name in type(self).model_fields)
        return frozenset(value.get_secret_value() for value in held if isinstance(value, SecretStr))

    def make_data_dir(self) -> None:
        """Make DATA_DIR if need be. Raises `Misconfigured` where it cannot be made or written to."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            if not os.access(self.data_dir, os.W_OK | os.X_OK):
                raise PermissionError
        except (OSError, ValueError) as error:
            why = type(error).__name__
            raise Misconfigured("data_dir", f"DATA_DIR: the folder cannot be made or written to ({why})") from error

    @property
    def database(self) -> str:
        """The database's URL; by default an SQLite file in DATA_DIR."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.resolve() / 'imagine.db'}"

    @property
    def spool(self) -> str:
        """Where pictures wait between the provider and Slack; by default a folder in DATA_DIR."""
        if self.spool_url is not None:
            return self.spool_url.get_secret_value()
        return (self.data_dir.resolve() / "spool").as_uri()


_SENTENCES: Mapping[str, str] = {"missing": "is not set"}


def read_settings(**overrides: object) -> Settings:
    """Read and check everything at once. Raises `SettingsError` with one line for each wrong key."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        found = {_key(e["loc"]): _line(_key(e["loc"]), e["type"], e["msg"]) for e in error.errors(include_input=False)}
        raise SettingsError(tuple(found.values())) from None
    except (OSError, UnicodeError):
        raise SettingsError((".env: cannot be read as UTF-8 text",)) from None


def _key(where: tuple[int | str, ...]) -> str:
    return str(where[0]).upper() if where else ""


def _line(key: str, kind: str, message: str) -> str:
    said = _SENTENCES.get(kind, message.removeprefix("Value error, "))
    return f"{key}: {said}" if key else said
