"""The command line as an operator meets it: plain lines, honest exit codes, no traceback, no secret."""

from __future__ import annotations

import asyncio
import signal

import pytest
import yaml
from typer.testing import CliRunner

from bot import checks, manifest
from bot.cli import cli
from sandbox.slack import FaultKind
from tests.edges.imagine import Ended, ended, environment, imagine, process, secrets_of
from tests.journeys.town import PATIENCE, Town


def marks(said: str) -> dict[str, str]:
    """What `imagine check` found: "ok" or "no" for each thing it looked at."""
    return {line[4:28].strip(): line[:2] for line in said.splitlines()}


def keeps_its_secrets(place: Town, end: Ended) -> bool:
    return not any(secret in end.out + end.err for secret in secrets_of(place))


ALL_RIGHT = dict.fromkeys(
    ["settings", "DATA_DIR", "SLACK_BOT_TOKEN", "scopes", "SLACK_APP_TOKEN", "image account", "database"], "ok"
)


async def test_check_says_a_line_for_each_thing_and_makes_nothing(place: Town) -> None:
    told = environment(place)
    end = await imagine(place.data, told, "check")
    assert (end.code, end.err) == (0, "")
    assert marks(end.out) == ALL_RIGHT
    assert "there is no database yet: `imagine run` brings it up to date" in end.out
    assert keeps_its_secrets(place, end)
    assert [path.name for path in place.data.iterdir()] == []


async def test_check_says_everything_that_is_wrong_at_once_and_no_secret(place: Town) -> None:
    place.images.settings.keys_revoked = True
    told = environment(place, SLACK_BOT_TOKEN="xoxb-canary", SLACK_APP_TOKEN="xapp-canary")
    end = await imagine(place.data, told, "check")
    assert (end.code, end.err) == (1, "")
    wrong = {name for name, mark in marks(end.out).items() if mark == "no"}
    assert wrong == {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "image account"}
    assert "invalid_auth: the token is not valid; copy it again from the app's page" in end.out
    assert "AuthFailure.SecretIdNotFound: look at TENCENTCLOUD_SECRET_ID" in end.out
    assert keeps_its_secrets(place, end)
    assert "canary" not in end.out


@pytest.fixture
def told(place: Town, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """This process has the settings that a child would have."""
    for name, value in environment(place).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def checked(capsys: pytest.CaptureFixture[str]) -> tuple[set[str], str]:
    """What is wrong, and all that was said; the exit code agrees."""
    code = await checks.main()
    said = capsys.readouterr().out
    wrong = {name for name, mark in marks(said).items() if mark == "no"}
    assert code == (1 if wrong else 0)
    return wrong, said


Told = pytest.MonkeyPatch
Capture = pytest.CaptureFixture[str]


async def test_check_of_wrong_settings_names_the_keys_and_looks_no_further(told: Told, capsys: Capture) -> None:
    told.delenv("SLACK_BOT_TOKEN")
    told.setenv("PORT", "canary")
    told.setenv("HUNYUAN_ENDPOINT", "http://canary.example")
    wrong, said = await checked(capsys)
    assert wrong == {"SLACK_BOT_TOKEN", "HUNYUAN_ENDPOINT", "PORT"}
    assert len(said.splitlines()) == 3
    assert "canary" not in said


@pytest.mark.parametrize("missing", ["files:write", "reactions:read"])
async def test_check_names_a_missing_scope(place: Town, told: Told, capsys: Capture, missing: str) -> None:
    object.__setattr__(place.slack.slack.manifest, "scopes", place.slack.slack.manifest.scopes - {missing})
    wrong, said = await checked(capsys)
    assert wrong == {"scopes"}
    assert f"missing: {missing}; update the app from `imagine manifest`" in said


async def test_check_tells_a_token_of_the_other_kind(place: Town, told: Told, capsys: Capture) -> None:
    place.slack.settings.fail("apps.connections.open", FaultKind.ERROR, error="not_allowed_token_type")
    wrong, said = await checked(capsys)
    assert wrong == {"SLACK_APP_TOKEN"}
    assert "bot tokens begin with xoxb-, app tokens with xapp-" in said


async def test_check_sees_an_app_that_was_removed(place: Town, told: Told, capsys: Capture) -> None:
    place.slack.uninstall()
    wrong, said = await checked(capsys)
    assert wrong == {"SLACK_BOT_TOKEN"}
    assert "account_inactive: the app was removed from the workspace" in said


@pytest.mark.parametrize(
    ("switch", "said"),
    [
        ("retired", "ActionOffline: the vendor has switched this API off"),
        ("keys_revoked", "AuthFailure.SecretIdNotFound: look at TENCENTCLOUD_SECRET_ID"),
    ],
)
async def test_check_sees_a_refused_image_account(
    place: Town, told: Told, capsys: Capture, switch: str, said: str
) -> None:
    setattr(place.images.settings, switch, True)
    wrong, lines = await checked(capsys)
    assert wrong == {"image account"}
    assert said in lines


async def test_check_of_a_wrong_session_token_or_key_is_the_image_accounts(
    place: Town, told: Told, capsys: Capture
) -> None:
    for key in ("TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"):
        with told.context() as changed:
            changed.setenv(key, "canary-wrong")
            wrong, said = await checked(capsys)
        assert wrong == {"image account"}
        assert "AuthFailure" in said
        assert "canary" not in said


async def test_check_sees_a_slack_and_an_image_api_that_cannot_be_reached(told: Told, capsys: Capture) -> None:
    told.setenv("SLACK_API_URL", "http://127.0.0.1:1/api/")
    told.setenv("HUNYUAN_ENDPOINT", "http://127.0.0.1:1")
    wrong, said = await checked(capsys)
    assert wrong == {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "image account"}
    assert "Slack cannot be reached (ClientConnectorError); look at SLACK_API_URL" in said
    assert "connect_failed: look at HUNYUAN_ENDPOINT and the network" in said


async def test_check_sees_that_something_else_answers_for_slack(place: Town, told: Told, capsys: Capture) -> None:
    told.setenv("SLACK_API_URL", f"{place.images.url}/api/")
    wrong, said = await checked(capsys)
    assert wrong == {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}
    assert "what answered is not Slack; look at SLACK_API_URL" in said


async def test_check_over_http_says_what_slack_must_reach(told: Told, capsys: Capture) -> None:
    told.delenv("SLACK_APP_TOKEN")
    wrong, said = await checked(capsys)
    assert wrong == set()
    assert "HTTP mode: Slack must reach /slack/events" in said


async def test_check_sees_a_data_folder_that_cannot_be_made(place: Town, told: Told, capsys: Capture) -> None:
    file = place.data / "file"
    file.touch()
    told.setenv("DATA_DIR", str(file / "data"))
    wrong, said = await checked(capsys)
    assert wrong == {"DATA_DIR"}
    assert "cannot be made or written to" in said


async def test_check_sees_a_database_that_does_not_answer_and_not_its_password(told: Told, capsys: Capture) -> None:
    told.setenv("DATABASE_URL", "postgresql://u:canary@127.0.0.1:1/name")
    wrong, said = await checked(capsys)
    assert wrong == {"database"}
    assert "database_unreachable: look at DATABASE_URL and whether the database runs" in said
    assert "canary" not in said


async def test_check_sees_a_file_that_is_no_database(place: Town, told: Told, capsys: Capture) -> None:
    file = place.data / "not.db"
    file.write_bytes(b"not a database, but long enough to be looked at" * 30)
    told.setenv("DATABASE_URL", f"sqlite:///{file}")
    wrong, said = await checked(capsys)
    assert wrong == {"database"}
    assert "database_corrupt" in said


async def test_migrate_makes_the_database_and_again_changes_nothing(place: Town, told: Told, capsys: Capture) -> None:
    end = await imagine(place.data, environment(place), "migrate")
    assert (end.code, end.out, end.err) == (0, "The database is up to date.\n", "")
    file = place.data / "data" / "imagine.db"
    before = file.read_bytes()
    again = await asyncio.to_thread(CliRunner().invoke, cli, ["migrate"])
    assert (again.exit_code, again.stdout) == (0, "The database is up to date.\n")
    assert file.read_bytes() == before
    wrong, said = await checked(capsys)
    assert wrong == set()
    assert "sqlite, the schema is up to date" in said


async def test_migrate_of_a_database_that_is_away_is_one_line(told: Told) -> None:
    told.setenv("DATABASE_URL", "postgresql://u:canary@127.0.0.1:1/name")
    end = await asyncio.to_thread(CliRunner().invoke, cli, ["migrate"])
    assert (end.exit_code, end.stdout) == (1, "")
    assert end.stderr == "DATABASE_URL: the database cannot be used now (database_unreachable)\n"


async def test_a_database_that_cannot_be_opened_is_named(told: Told) -> None:
    told.setenv("DATABASE_URL", "sqlite://")
    end = await asyncio.to_thread(CliRunner().invoke, cli, ["migrate"])
    assert (end.exit_code, end.stderr) == (
        1, "DATABASE_URL: SQLite needs a file, for example sqlite:///data/imagine.db\n"
    )  # fmt: skip


@pytest.mark.parametrize("command", ["run", "migrate"])
async def test_wrong_settings_end_it_with_a_line_each(told: Told, command: str) -> None:
    told.setenv("SLACK_SIGNING_SECRET", "canary\ncanary")
    told.delenv("TENCENTCLOUD_SECRET_KEY")
    end = CliRunner().invoke(cli, [command])
    assert end.exit_code == 2
    assert end.stdout == ""
    assert end.stderr.splitlines() == [
        "SLACK_SIGNING_SECRET: has a space, a line break or another character in it that no key has",
        "TENCENTCLOUD_SECRET_KEY: is not set",
        "Set these in the environment or in .env; README.md says where each comes from.",
    ]


def test_the_manifest_is_printed_as_it_stands_or_for_http() -> None:
    plain = CliRunner().invoke(cli, ["manifest"])
    assert (plain.exit_code, plain.stdout) == (0, manifest.source())
    http = CliRunner().invoke(cli, ["manifest", "--http", "https://imagine.example.com/"])
    assert http.exit_code == 0
    assert yaml.safe_load(http.stdout) == manifest.for_http("https://imagine.example.com")
    agent = CliRunner().invoke(cli, ["manifest", "--agent"])
    assert yaml.safe_load(agent.stdout) == manifest.as_agent(manifest.load())


@pytest.mark.parametrize(
    "address",
    ["http://h", "https://", "h", "https://h?x=1", "https://h#x", "https://h:x", "https://u@h", "https://a b"],
)
def test_an_address_that_slack_cannot_reach_makes_no_manifest(address: str) -> None:
    end = CliRunner().invoke(cli, ["manifest", "--http", address])
    assert (end.exit_code, end.stdout) == (2, "")
    assert end.stderr == "--http: must be an https address like https://imagine.example.com\n"


async def test_a_refused_token_ends_the_start_with_one_plain_line(place: Town) -> None:
    end = await imagine(place.data, environment(place, SLACK_BOT_TOKEN="xoxb-canary"), "run")
    assert (end.code, end.out) == (1, "")
    assert end.plain == ["SLACK_BOT_TOKEN: Slack refuses it (invalid_auth)"]
    assert "Traceback" not in end.err
    assert "canary" not in end.err


async def test_a_second_bot_is_refused_and_the_first_one_ends_well_when_told_to(place: Town) -> None:
    told = environment(place)
    async with process(place.data, told, "-m", "bot", "run") as first:
        await place.slack.connected(timeout=PATIENCE)
        second = await imagine(place.data, told, "run")
        assert second.code == 1
        [line] = second.plain
        assert f"imagine.db is in use by process {first.pid}: stop it first" in line
        assert "Traceback" not in second.err
        first.send_signal(signal.SIGTERM)
        end = await ended(first)
    assert (end.code, end.out, end.plain) == (0, "", [])
    assert '"event": "stopping"' in end.err
    await place.until(lambda: place.slack.sockets.connections == 0)


async def test_a_bot_that_waits_for_slack_can_be_told_to_stop(place: Town) -> None:
    told = environment(place, SLACK_API_URL="http://127.0.0.1:1/api/")
    async with process(place.data, told, "-m", "bot", "run") as child:
        assert child.stderr is not None
        said = b""
        while b"slack_away" not in said:
            said = await asyncio.wait_for(child.stderr.readline(), PATIENCE)
            assert said
        child.send_signal(signal.SIGINT)
        end = await ended(child)
    assert (end.code, end.plain) == (0, [])
