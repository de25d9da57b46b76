"""A reference picture's bytes, from the file at Slack that an ask names; what is wrong with it, its owner is told."""

from __future__ import annotations

import io

from bot import references
from bot.errors import Cause, Gone, Misconfigured, Rejected
from bot.job import FileId
from bot.slack.files import SlackFiles


async def reference_at(files: SlackFiles, file_id: FileId) -> bytes:
    """The whole picture, checked. Raises `Rejected` with a cause `REFERENCE_…`, `Throttled`, `Unavailable`."""
    into = io.BytesIO()
    try:
        file = await files.look(file_id)
        await files.fetch(file, into, most=references.MOST_BYTES)
    except (Gone, Misconfigured) as gone:
        raise Rejected(gone.code, cause=Cause.REFERENCE_GONE) from None
    except Rejected as refused:
        too_large = refused.code == "file_too_large"
        cause = Cause.REFERENCE_TOO_LARGE if too_large else Cause.REFERENCE_GONE
        raise Rejected(refused.code, cause=cause) from None
    data = into.getvalue()
    references.check(data)
    return data
