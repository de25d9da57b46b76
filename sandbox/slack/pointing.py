"""Finding what a person points at: people and conversations by name, their own files, the offered options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.slack import rendering
from sandbox.slack.forms import Lookups
from sandbox.slack.local import LocalSlack
from sandbox.slack.workspace import Json


def lookups(slack: LocalSlack, user: str, offered: Mapping[tuple[str, str], Sequence[Json]]) -> Lookups:
    """The lookups of this person; every one raises LookupError for what is not there."""

    def person(name: str) -> str:
        known = slack.workspace.users.get(name) or slack.workspace.user_named(name.removeprefix("@"))
        if known is None:
            raise LookupError(f"nobody is called {name}")
        return known.id

    def conversation(name: str) -> str:
        known = slack.workspace.channels.get(name) or slack.workspace.channel_named(name.removeprefix("#"))
        if known is None or not slack.sees(user, known):
            raise LookupError(f"{user} sees no conversation {name}")
        return known.id

    def file(file_id: str) -> Json:
        known = slack.workspace.files.get(file_id)
        if known is None or known.user != user:
            raise LookupError(f"{user} has no file {file_id}")
        return rendering.file(slack, known)

    return Lookups(person, conversation, file, offered)
