"""What a workflow step is told when its picture is there, or will never be."""

from __future__ import annotations

import structlog

from bot.errors import Gone, Misconfigured, Rejected
from bot.job import Job
from bot.prompt import recipe
from bot.slack.addresses import Addresses
from bot.slack.client import SlackClient
from bot.slack.elements import shortened
from bot.slack.notices import failure_said
from bot.slack.wording import Words

_log = structlog.get_logger(__name__)

MOST_ERROR = 1000


class Completions:
    """Completes steps. A step that is over already, or that Slack wants to hear no more of, counts as told."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client
        self._addresses = Addresses(client)

    async def tell(self, job: Job, words: Words) -> None:
        """How the job ended. Raises `Throttled`, `Unavailable`, `OutcomeUnknown`; telling it again does no harm."""
        try:
            await (self._succeeded(job) if job.failure is None else self._failed(job, words))
        except (Rejected, Gone, Misconfigured) as refused:
            _log.warning("step_not_completed", job=job.id, code=refused.code)

    async def _succeeded(self, job: Job) -> None:
        address = (await self._addresses.of([job])).get(job.id, "")
        outputs = {"file": str(job.file_ids[0]), "permalink": address, "recipe": recipe(job.request)}
        await self._client.call("functions.completeSuccess", function_execution_id=job.execution, outputs=outputs)

    async def _failed(self, job: Job, words: Words) -> None:
        error = shortened(failure_said(words, job), MOST_ERROR)
        await self._client.call("functions.completeError", function_execution_id=job.execution, error=error)
