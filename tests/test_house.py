"""The house keeps its own rules: figures, manifest, pins, docs and code say the same."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import jsonschema
import pytest

from bot import manifest
from bot.errors import Cause
from bot.events import Faulted
from bot.job import FINAL, State
from bot.lifecycle import TRANSITIONS
from bot.settings import Settings
from bot.slack import actions
from bot.slack.wording import catalogue

TOP = Path(__file__).parent.parent
SHARED = TOP.parent / "shared" / "data"
CODE = [path for room in ("bot", "handlers", "sandbox") for path in sorted((TOP / room).rglob("*.py"))]


def figure() -> str:
    """The life of a job as a Mermaid diagram; staying where one is, and being told why not, are left out."""
    lines = ["    [*] --> accepted"]
    for state, row in TRANSITIONS.items():
        arrows: dict[State, list[str]] = {}
        for kind, targets in row.items():
            for target in sorted(targets - {state}):
                if kind is not Faulted:
                    arrows.setdefault(target, []).append(kind.__name__)
        lines += [f"    {state} --> {target}: {', '.join(names)}" for target, names in sorted(arrows.items())]
    lines += [f"    {state} --> [*]" for state in sorted(FINAL)]
    return "\n".join(lines)


def test_the_figure_in_the_architecture_is_the_table_in_the_code() -> None:
    text = (TOP / "docs" / "architecture.md").read_text(encoding="utf-8")
    found = re.search(r"stateDiagram-v2\n(.*?)\n```", text, re.DOTALL)
    assert found is not None
    assert found[1] == figure()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the manifest schema is not beside this checkout")
@pytest.mark.parametrize(
    "made",
    [manifest.load(), manifest.for_http("https://imagine.example.com"), manifest.as_agent(manifest.load())],
    ids=["socket", "http", "agent"],
)
def test_the_manifest_is_valid_by_slacks_own_schema(made: dict[str, object]) -> None:
    schema = json.loads((SHARED / "slack-manifest" / "manifest.schema.1.0.0.json").read_text(encoding="utf-8"))
    jsonschema.validate(made, schema)


def test_the_manifest_for_http_sends_everything_to_one_address() -> None:
    made = manifest.for_http("https://imagine.example.com/")
    assert not made["settings"]["socket_mode_enabled"]
    urls = {
        made["settings"]["event_subscriptions"]["request_url"],
        made["settings"]["interactivity"]["request_url"],
        *(command["url"] for command in made["features"]["slash_commands"]),
    }
    assert urls == {"https://imagine.example.com/slack/events"}


# What each method needs: its page under https://docs.slack.dev/reference/methods.
SCOPE_OF = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.getPermalink": None,
    "conversations.join": "channels:join",
    "conversations.open": "im:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.delete": "files:write",
    "files.info": "files:read",
    "functions.completeError": None,
    "functions.completeSuccess": None,
    "reactions.get": "reactions:read",
    "users.info": "users:read",
    "auth.test": None,
    "views.open": None,
    "views.publish": None,
    "views.update": None,
}

# Only an app that is an agent may call these; being one brings the scope.
SCOPE_OF_AGENTS = {
    "agents.sessions.setStatus": "chat:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
}

# What each event needs: its page under https://docs.slack.dev/reference/events; the others need none.
SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
EVENTS_WITHOUT_SCOPE = {"app_home_opened", "app_uninstalled", "function_executed", "tokens_revoked"}


METHOD = re.compile(
    r'"((?:agents|apps|assistant|auth|canvases|chat|conversations|files|functions|pins|reactions|team|usergroups|users|views)'
    r'\.[a-zA-Z.]+)"'
)


def test_the_scopes_asked_for_are_exactly_those_of_the_methods_called_and_the_events_heard() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (TOP / "bot").rglob("*.py"))
    sentences = catalogue("en").keys()
    assert set(METHOD.findall(text)) - sentences == {*SCOPE_OF, *SCOPE_OF_AGENTS}
    needed = {scope for scope in SCOPE_OF.values() if scope} | {"commands", *SCOPE_OF_EVENT.values()}
    assert manifest.scopes() == needed
    agent = manifest.as_agent(manifest.load())
    assert set(agent["oauth_config"]["scopes"]["bot"]) == needed | set(SCOPE_OF_AGENTS.values())


def test_every_event_that_is_subscribed_has_the_scope_that_it_needs() -> None:
    subscribed = set(manifest.load()["settings"]["event_subscriptions"]["bot_events"])
    assert subscribed == {*SCOPE_OF_EVENT, *EVENTS_WITHOUT_SCOPE}


def test_every_shortcut_and_step_has_a_listener() -> None:
    heard = "\n".join(path.read_text(encoding="utf-8") for path in (TOP / "handlers").glob("*.py"))
    made = manifest.load()
    named = {each["callback_id"] for each in made["features"]["shortcuts"]} | set(made["functions"])
    constants = dict(re.findall(r'^([A-Z]+) = "(\w+)"$', heard, re.MULTILINE))
    assert named == {constants["SHORTCUT"], constants["STEP"]}
    assert re.findall(r"app\.shortcut\((\w+)\)", heard) == ["SHORTCUT"]


def test_every_button_has_a_listener() -> None:
    heard = "\n".join(path.read_text(encoding="utf-8") for path in (TOP / "handlers").glob("*.py"))
    names = {name for name in vars(actions) if name.isupper()}
    assert names == {name for name in names if f"actions.{name}" in heard}


def test_every_subscribed_event_and_command_has_a_listener() -> None:
    heard = "\n".join(path.read_text(encoding="utf-8") for path in (TOP / "handlers").glob("*.py"))
    subscribed = manifest.as_agent(manifest.load())["settings"]["event_subscriptions"]["bot_events"]
    assert set(re.findall(r'app\.event\("(\w+)"\)', heard)) == {event.split(".")[0] for event in subscribed}
    commands = {command["command"] for command in manifest.load()["features"]["slash_commands"]}
    assert set(re.findall(r'^[A-Z]+ = "(/\w+)"$', heard, re.MULTILINE)) == commands
    assert re.findall(r"app\.command\((\w+)\)", heard) == ["IMAGINE"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt", "requirements-peers.txt"])
def test_every_requirement_is_pinned_and_hashed_and_none_names_an_address(name: str) -> None:
    text = (TOP / name).read_text(encoding="utf-8")
    names = re.findall(r"^[a-z0-9][\w.\[\]-]*==\S+", text, re.MULTILINE)
    packages = re.findall(r"^[a-zA-Z0-9].*", text, re.MULTILINE)
    assert len(names) == len(packages) > 10
    assert text.count("--hash=sha256:") >= len(names)
    assert "://" not in text


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(TOP)))
def test_every_module_says_in_its_first_sentence_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.split("\n\n")[0].rstrip().endswith((".", ":", "?"))


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(TOP)))
def test_no_function_is_longer_than_forty_lines(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [
        node.name
        for node in functions
        if (node.end_lineno or 0) - node.lineno + 1 > 40 and "migrations" not in str(path)
    ]
    assert long == []


def test_every_setting_is_explained_where_operators_look() -> None:
    text = (TOP / "docs" / "operating.md").read_text(encoding="utf-8")
    assert {name.upper() for name in Settings.model_fields} == set(
        re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)
    )


def test_only_the_clock_reads_the_wall_clock_and_only_settings_the_environment() -> None:
    for path in (TOP / "bot").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "clock.py":
            assert not re.search(r"\btime\.time\(\)|datetime\.utcnow|datetime\.today", text), path
        if path.name != "settings.py":
            assert "os.environ" not in text, path
            assert "getenv" not in text, path


def test_every_cause_that_stops_a_job_is_told_in_both_languages() -> None:
    for language in ("en", "zh_CN"):
        text = (TOP / "bot" / "slack" / "locales" / language / "LC_MESSAGES" / "messages.po").read_text(
            encoding="utf-8"
        )
        for cause in Cause:
            assert f'msgid "cause.{cause}"' in text, (language, cause)
