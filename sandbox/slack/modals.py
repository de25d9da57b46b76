"""What a person does in a modal or on the Home tab: fill in, click, search, submit, close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.slack import actions, payloads
from sandbox.slack.answers import NOT_INTERACTIVE, TROUBLE, Answer, Offer, failed
from sandbox.slack.block_elements import GROUPS, OPTIONS
from sandbox.slack.delivery import Envelope
from sandbox.slack.errors import SlackError
from sandbox.slack.forms import Field, chosen, problem
from sandbox.slack.ids import new_id
from sandbox.slack.local import LocalSlack
from sandbox.slack.methods_views import read_view
from sandbox.slack.pointing import lookups
from sandbox.slack.views import View
from sandbox.slack.workspace import Json, Message

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Modals:
    """Acts in views for the people who have them open."""

    slack: LocalSlack

    def view(self, user: str, view_id: str | None) -> View:
        """This person's view; without an id the modal on top. LookupError if there is none."""
        stack = self.slack.views.stack(user)
        if view_id is None:
            if not stack:
                raise LookupError(f"{user} has no modal open")
            return stack[-1]
        known = {view.id: view for view in (*stack, *self.slack.views.homes.values()) if view.user == user}
        if view_id not in known:
            raise LookupError(f"{user} has no view {view_id}")
        return known[view_id]

    def fill(self, view: View, values: Values) -> None:
        """Fill in fields by block_id, action_id or label, with plain values; LookupError for an unknown one."""
        for name, value in values.items():
            field = _named(view, name)
            view.put(field.key, self._state(view, field, value))

    def _state(self, view: View, field: Field, value: Any) -> Json:
        return chosen(field, value, lookups(self.slack, view.user, view.offered))

    async def submit(self, *, user: str, values: Values, view_id: str | None) -> Answer:
        """Press the modal's button; Slack's client first checks what was filled in, and names what is wrong."""
        view = self.view(user, view_id)
        if view.body.get("submit") is None:
            raise LookupError("this modal has no button to submit it")
        self.fill(view, values)
        wrong = {each.key[0]: said for each, state in view.filled() if (said := problem(each, state))}
        if wrong:
            return Answer(ok=False, error="incomplete", text="; ".join(wrong.values()), errors=wrong)
        view.complete()
        return await self.send(view, user)

    async def send(self, view: View, user: str) -> Answer:
        """Send the view as it is filled in, and do what the app answers."""
        self.slack.feed.publish("slack.submit", view=view.id, user=user, callback_id=view.body.get("callback_id", ""))
        if not self.slack.manifest.interactive:
            return NOT_INTERACTIVE
        for _, state in view.filled():
            self._grant(state)
        trigger = self.slack.triggers.issue(user, view.channel)
        payload = payloads.view_submission(self.slack, view, user=user, trigger_id=trigger)
        outcome = await self.slack.delivery.send(Envelope.INTERACTIVE, payload)
        if not outcome.acked:
            return failed(outcome, TROUBLE)
        return self._answered(view, dict(outcome.body or {}))

    def _grant(self, state: Json) -> None:
        for file in state.get("files") or ():
            self.slack.workspace.files[file["id"]].granted = True

    def _answered(self, view: View, body: Json) -> Answer:
        if view.id not in self.slack.views.open:
            return Answer(ok=True)
        try:
            answer = self._did(view, body)
        except SlackError as error:
            answer = Answer(ok=False, error=error.code, text=TROUBLE)
        if answer.error not in {None, "errors"}:
            self.slack.feed.publish("slack.api", method="view_submission answer", ok=False, error=answer.error)
        self.slack.feed.publish("slack.view", view=view.id, user=view.user, type="modal")
        return answer

    def _did(self, view: View, body: Json) -> Answer:
        views = self.slack.views
        match body.get("response_action"):
            case "errors":
                return _refused(view, body.get("errors"))
            case "clear":
                views.clear(view.user)
            case "update":
                fresh = read_view(body.get("view"), "modal")
                views.unique(fresh, besides=view)
                view.replace(fresh)
            case "push":
                fresh = read_view(body.get("view"), "modal")
                views.unique(fresh)
                views.show(new_id("V"), view.user, fresh, under=view)
            case None:
                views.open.pop(view.id, None)
            case _:
                return Answer(ok=False, error="invalid_response_action", text=TROUBLE)
        return Answer(ok=True)

    async def close(self, *, user: str, view_id: str | None, everything: bool) -> Answer:
        """Close a modal (with `everything`: the whole stack); the app hears of it where `notify_on_close` says so."""
        view = self.view(user, view_id)
        whole = everything or bool(view.body.get("clear_on_close"))
        gone = self.slack.views.stack(user)[::-1] if whole else [view]
        for each in gone:
            self.slack.views.open.pop(each.id, None)
        self.slack.feed.publish("slack.view", view=view.id, user=user, type="closed")
        told = [each for each in gone if each.body.get("notify_on_close") and self.slack.manifest.interactive]
        answers = []
        for each in told:
            payload = payloads.view_closed(self.slack, each, user=user, cleared=whole)
            answers.append((await self.slack.delivery.send(Envelope.INTERACTIVE, payload)).acked)
        return Answer(ok=all(answers))

    async def act(
        self, *, user: str, action_id: str, value: Any, view_id: str | None, block_id: str | None, values: Values
    ) -> Answer:
        """Use a button or another element of a view; `values` are what else is filled in by then."""
        view = self.view(user, view_id)
        self.fill(view, values)
        field = actions.find(view.body["blocks"], action_id, value, block_id=block_id)
        action = actions.used(field, value, lookups(self.slack, user, view.offered))
        self.slack.feed.publish("slack.view_click", view=view.id, user=user, action_id=action_id)
        if not self.slack.manifest.interactive:
            return NOT_INTERACTIVE
        if any(each.key == field.key for each, _ in view.filled()):
            view.put(field.key, self._state(view, field, value))
        view.complete()
        trigger = self.slack.triggers.issue(user, view.channel)
        payload = payloads.view_action(self.slack, view, action, trigger_id=trigger)
        outcome = await self.slack.delivery.send(Envelope.INTERACTIVE, payload)
        return Answer(ok=True) if outcome.acked else failed(outcome, TROUBLE)

    async def suggest(self, place: View | Message, field: Field, text: str, *, user: str) -> Offer:
        """Type into a select menu with external data; the app offers options."""
        if not self.slack.manifest.interactive:
            return Offer(ok=False, error=NOT_INTERACTIVE.error, text=NOT_INTERACTIVE.text)
        payload = payloads.suggestion(self.slack, place, field.key, text, user=user)
        outcome = await self.slack.delivery.send(Envelope.INTERACTIVE, payload)
        if not outcome.acked:
            return Offer(ok=False, error=outcome.shown_error, text="Couldn’t load the options.")
        offer = _offer(dict(outcome.body or {}))
        grouped = [option for group in offer.option_groups for option in group["options"]]
        known = place.offered.setdefault(field.key, [])
        known[:0] = [each for each in (*offer.options, *grouped) if each not in known]
        return offer


def _named(view: View, name: str) -> Field:
    """The one field that is called so."""
    found = [each for each, _ in view.filled() if name in each.names]
    if len(found) != 1:
        known = [each.key[0] for each, _ in view.filled()]
        raise LookupError(f"{len(found)} fields are called {name}; there are {known}")
    return found[0]


def _refused(view: View, errors: object) -> Answer:
    """Sentences beside input blocks; Slack shows nothing of an answer that names anything else."""
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        return Answer(ok=False, error="invalid_errors", text=TROUBLE)
    said = {block: str(sentence) for block, sentence in errors.items()}
    return Answer(ok=False, error="errors", text="; ".join(said.values()), errors=said)


def _offer(body: Json) -> Offer:
    options, groups = body.get("options", []), body.get("option_groups", [])
    wrong = [*(OPTIONS(options, "/options") if options else ()), *(GROUPS(groups, "/groups") if groups else ())]
    if wrong or (options and groups):
        return Offer(ok=False, error="invalid_options", text="; ".join(wrong) or "options and option_groups at once")
    return Offer(ok=True, options=tuple(options), option_groups=tuple(groups))
