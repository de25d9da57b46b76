"""The panel's numbers come from the feed alone."""

from __future__ import annotations

from sandbox.feed import Feed
from sandbox.page.meters import WINDOW, Meters


def test_calls_are_counted_by_second_and_kind() -> None:
    now = 1000.0
    feed, meters = Feed(clock=lambda: now), Meters()
    feed.listen(meters.see)
    for action in ("SubmitHunyuanImageJob", "QueryHunyuanImageJob", "QueryHunyuanImageJob"):
        feed.publish("image.call", action=action, request_id="r", code=None)

    rates = meters.rates(1002.5)
    assert (rates["query"][-3:], rates["submit"][-3:]) == ([2, 0, 0], [1, 0, 0])
    assert len(rates["query"]) == WINDOW


def test_old_seconds_are_forgotten() -> None:
    now = [0.0]
    feed, meters = Feed(clock=lambda: now[0]), Meters()
    feed.listen(meters.see)
    for second in range(1000):
        now[0] = float(second)
        feed.publish("image.call", action="QueryHunyuanImageJob", request_id="r", code=None)
    assert len(meters.calls) <= 4 * WINDOW + 1


def test_running_jobs_and_their_peak_are_known() -> None:
    feed, meters = Feed(), Meters()
    feed.listen(meters.see)
    feed.publish("image.submit", job="a", prompt="", num=1)
    feed.publish("image.submit", job="b", prompt="", num=1)
    feed.publish("image.done", job="a", pictures=[])
    feed.publish("image.refused", action="SubmitHunyuanImageJob", code="x")
    assert (meters.running, meters.peak_running, meters.submitted, meters.refused) == ({"b"}, 2, 2, 1)


def test_equal_calls_in_a_row_share_a_line_and_errors_stand_alone() -> None:
    feed, meters = Feed(), Meters()
    feed.listen(meters.see)
    for error in (None, None, "ratelimited", None):
        feed.publish("slack.api", method="chat.update", ok=error is None, error=error)
    assert [(line["error"], line["times"]) for line in meters.log] == [(None, 2), ("ratelimited", 1), (None, 1)]
