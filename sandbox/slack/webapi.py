"""The Web API over HTTP: arguments in, the method, Slack's answer out."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.slack.arguments import Call, invalid, read_arguments
from sandbox.slack.connection import interfered, throttled
from sandbox.slack.dispatch import METHODS, Method
from sandbox.slack.errors import SlackError, ThrottledError
from sandbox.slack.local import LocalSlack
from sandbox.slack.workspace import Json


class WebApi:
    """Answers `/api/METHOD`. A refusal is an HTTP 200 with `ok: false`, except for 429."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one call."""
        self._slack.schedule.run_due()
        method = request.match_info["method"]
        return await interfered(
            self._slack.settings,
            method,
            request,
            lambda: self._handled(method, request),
            lambda fault: self._publish(method, {}, f"sandbox fault: {fault.kind}"),
        )

    async def _handled(self, method: str, request: web.Request) -> web.StreamResponse:
        args: dict[str, Any] = {}
        try:
            args = await read_arguments(request)
            answer: Json = {"ok": True} | self._answer(method, args, _token(request, args))
        except ThrottledError as error:
            self._publish(method, args, error.code)
            return throttled(error.seconds)
        except SlackError as error:
            answer = {"ok": False, "error": error.code} | error.more
        self._publish(method, args, answer.get("error"))
        return web.json_response(answer, headers=self._headers(method))

    def _answer(self, name: str, args: dict[str, Any], token: str) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        self._slack.limits.call(name, method.tier)
        self._authorize(method, token)
        self._allow(method)
        missing = [each for each in method.required if args.get(each) in (None, "")]
        if missing:
            raise invalid(f"missing required field: {', '.join(missing)}")
        return method.run(self._slack, Call(name, args))

    def _authorize(self, method: Method, token: str) -> None:
        known = {self._slack.bot_token: False, self._slack.app_token: True}
        if not token:
            raise SlackError("not_authed")
        if self._slack.steps.owns(token):
            known[token] = False
        if token not in known:
            raise SlackError("invalid_auth")
        if known[token] != method.app_token:
            raise SlackError("not_allowed_token_type")
        if not self._slack.installed and not method.app_token:
            raise SlackError("account_inactive")

    def _allow(self, method: Method) -> None:
        granted = self._slack.manifest.scopes
        if method.scopes and not granted & set(method.scopes):
            needed, provided = ",".join(method.scopes), ",".join(sorted(granted))
            raise SlackError("missing_scope", needed=needed, provided=provided)

    def _headers(self, name: str) -> dict[str, str]:
        headers = {"X-OAuth-Scopes": ",".join(sorted(self._slack.manifest.scopes))}
        if name in METHODS:
            headers["X-Accepted-OAuth-Scopes"] = ",".join(METHODS[name].scopes)
        return headers

    def _publish(self, method: str, args: dict[str, Any], error: str | None) -> None:
        where = args.get("channel") or args.get("channel_id")
        data = {"channel": str(where)} if where else {}
        self._slack.feed.publish("slack.api", method=method, ok=error is None, error=error, **data)


def _token(request: web.Request, args: dict[str, Any]) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else str(args.pop("token", ""))
