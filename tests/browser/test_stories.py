"""What a team does with the real bot, by mouse and keyboard on the sandbox's page: form, buttons, reactions, Home."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.world import Wishes, World, open_world
from tests.browser.cdp import Tab
from tests.browser.test_page import LOADED, ask
from tests.browser.test_views import GONE, MODAL, choose
from tests.journeys.town import QUICK, RETRIES, SPEED, Town
from tests.sandbox_slack.conftest import ADA, ADAS_IM, BEN, CHEN, PICTURES, RANDOM

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROMPT = "a fox in the rain"
THREAD = "#thread .message"
SHARES = "document.querySelectorAll('#thread .message .picture').length"
FORM = "document.activeElement.id.endsWith('-prompt-prompt')"
TYPED = "document.querySelector('dialog.modal textarea').value"


@pytest_asyncio.fixture(loop_scope="module")
async def world(chrome: Tab, tmp_path: Path) -> AsyncIterator[World]:
    """A sandbox with the real bot, #random as its gallery, and an image API that takes a moment."""
    assert chrome
    async with open_world(Wishes(speed=SPEED, with_bot=False)) as opened:
        opened.images.settings.plain_pictures = True
        opened.slack.settings.share_delay = 0.0
        opened.slack.settings.event_retries = RETRIES
        opened.slack.workspace.channels[RANDOM].members.add(opened.slack.bot_user_id)
        place = Town(opened.feed, opened.slack, opened.images, tmp_path, overrides={**QUICK, "gallery_channel": RANDOM})
        await place.start_bot()
        try:
            yield opened
        finally:
            await place.stop_bot()


async def replace(tab: Tab, selector: str, text: str) -> None:
    """Type instead of what stands in a field."""
    await tab.click(selector)
    await tab.run("document.activeElement.select()")
    await tab.write(text)


async def pictures(tab: Tab, text: str = f"/imagine {PROMPT}", *, number: int = 1) -> None:
    """Ask, and open the thread in which the pictures are."""
    await ask(tab, text)
    await tab.until("document.querySelector('.thread-line .peek img')")
    await tab.click("[data-focus=thread]")
    await tab.until(f"{LOADED} === {number}")


async def press(tab: Tab, name: str) -> None:
    """Press a button under the first pictures of the open thread."""
    await tab.click(f"{THREAD} [data-focus$=':{name}']")


async def submit(tab: Tab) -> None:
    """Send the modal, which then goes away."""
    await tab.click("[data-focus=modal-submit]")
    await tab.until(GONE)


async def test_the_form_says_beside_a_field_what_is_wrong_keeps_what_was_typed_and_brings_the_pictures(
    tab: Tab, world: World
) -> None:
    await ask(tab, "/imagine ")
    await tab.until(FORM)
    await tab.write(PROMPT)
    await choose(tab, "style", "水墨")
    await choose(tab, "shape", "16:9")
    await choose(tab, "count", "2")
    await replace(tab, "dialog.modal [id$='-seed-seed']", "many")
    await tab.click("[data-focus=modal-submit]")
    wrong = "[id$='-seed-seed'][aria-invalid=true]"
    await tab.until(f'document.querySelector("dialog.modal .wrong {wrong}")')
    assert (await tab.run(TYPED), await tab.run(f'document.querySelector("{wrong}").value')) == (PROMPT, "many")
    await replace(tab, "dialog.modal [id$='-seed-seed']", "42")
    await submit(tab)
    await tab.until("document.querySelector('.thread-line .peek img')")
    await tab.click("[data-focus=thread]")
    await tab.until(f"{LOADED} === 2")
    [job] = world.images.submits
    asked = (job.order.prompt, job.order.resolution, job.order.style, job.order.seed, job.order.num)
    assert asked == (PROMPT, "1280:720", "shuimo", 42, 2)
    assert list(tab.complaints) == []


async def test_a_button_draws_it_again_another_opens_the_form_with_it_and_another_deletes_after_asking(
    tab: Tab,
) -> None:
    await pictures(tab)
    await press(tab, "again")
    await tab.until(f"{SHARES} === 2")
    await press(tab, "edit")
    await tab.until(FORM)
    assert await tab.run(TYPED) == PROMPT
    await replace(tab, "dialog.modal textarea", "a hare in the snow")
    await submit(tab)
    await tab.until(f"{SHARES} === 3")
    await tab.until("document.querySelector('#thread').textContent.includes('a hare in the snow')")
    await press(tab, "delete")
    await tab.click("dialog.confirm .action.danger")
    await tab.until(f"{SHARES} === 2")
    assert list(tab.complaints) == []


async def test_one_reaction_draws_it_again_and_another_shows_it_in_the_gallery(tab: Tab) -> None:
    await pictures(tab)
    await tab.click("#thread .message:has(.picture) [data-focus='quick:repeat']")
    await tab.until(f"{SHARES} === 2")
    await tab.click("#thread .message:has(.picture) [data-focus='bar-add']")
    await tab.click(".emoji-picker input")
    await tab.write("star")
    await tab.enter()
    await tab.click(f"[data-focus='room:{RANDOM}']")
    await tab.until("document.querySelector('#message-list .message .picture img')")
    shown = await tab.run("document.querySelector('#message-list .message:has(.picture)').textContent")
    assert PROMPT in shown
    assert "By @ada" in shown


async def test_the_panel_lists_what_is_drawn_for_whom_and_nothing_that_is_only_answered_or_shown_again(
    tab: Tab, world: World
) -> None:
    await pictures(tab)
    await ask(tab, "/imagine help")
    await tab.until("document.querySelector('#message-list').textContent.includes('Tell me what to draw')")
    [share] = world.feed.of("slack.share")
    await world.slack.react(user=BEN, channel=PICTURES, ts=share.data["ts"], name="star")
    await tab.until("document.querySelector('.job .meta')?.textContent.includes('shown again once')")
    await ask(tab, "/imagine a {red, blue} bird")
    await tab.click("#message-list .action.primary")
    await tab.until("document.querySelectorAll('.job.good').length === 3")
    titles = await tab.run("[...document.querySelectorAll('.job .prompt')].map(title => title.textContent)")
    askers = await tab.run("[...document.querySelectorAll('.job .meta')].map(line => line.textContent.split(' ')[0])")
    assert (sorted(titles), askers) == (["a blue bird", PROMPT, "a red bird"], ["ada"] * 3)
    assert await tab.run("document.querySelectorAll('.job .stages .open').length") == 0


async def test_what_was_cancelled_is_no_trouble_in_the_panel(tab: Tab, world: World) -> None:
    world.images.settings.speed = 0.01
    await ask(tab, "/imagine a slow fox")
    await tab.until("/sent|running/.test(document.querySelector('.job .state')?.textContent)")
    await ask(tab, "/imagine a hen")
    await tab.until("document.querySelectorAll('.job').length === 2")
    root = world.timelines.shown[-1].ts
    await tab.click(f"#message-list [data-ts='{root}'] [data-focus$=':cancel']")
    await tab.until("document.querySelector('.job.gone .state')?.textContent === 'cancelled'")
    assert await tab.run("document.querySelector('.job.bad, .job .problem')") is None


async def test_home_shows_what_is_mine_its_button_opens_the_form_and_defaults_are_kept(tab: Tab) -> None:
    await pictures(tab)
    await tab.click(f"[data-focus='room:{ADAS_IM}']")
    await tab.click("[data-focus='tab:home']")
    await tab.until(f"document.querySelector('#home').textContent.includes('{PROMPT}')")
    await tab.click("#home [data-focus$=':home_defaults']")
    await tab.until(f"document.querySelector('{MODAL}')")
    await choose(tab, "shape", "16:9")
    await submit(tab)
    await tab.until("document.querySelector('#home').textContent.includes('--ar 16:9')")
    await tab.click("#home .action.primary")
    await tab.until(FORM)
    await tab.write("a hare in the snow")
    assert "16:9" in await tab.run("document.querySelector(\"dialog.modal [id$='-shape-shape']\").value")
    await choose(tab, "channel", "pictures")
    await submit(tab)
    await tab.click(f"[data-focus='room:{PICTURES}']")
    await tab.until("document.querySelectorAll('.thread-line .peek img').length === 2")
    assert list(tab.complaints) == []


async def test_the_menu_of_a_message_makes_it_a_picture_that_its_asker_words_first(tab: Tab, world: World) -> None:
    await world.slack.say(user=CHEN, channel=PICTURES, text="the sea at night")
    await tab.click("#message-list .message [data-focus=bar-more]")
    await tab.until("document.querySelector('.menu-list')?.textContent.includes('Illustrate this')")
    await tab.enter()
    await tab.until(f"{FORM} && {TYPED} === 'the sea at night'")
    await replace(tab, "dialog.modal textarea", "the sea at night, in ink")
    await submit(tab)
    await tab.until("document.querySelector('.thread-line .peek img')")
    await tab.click("[data-focus=thread]")
    await tab.until(f"{LOADED} === 1")
    [job] = world.images.submits
    assert job.order.prompt == "the sea at night, in ink"
    first = await tab.run("document.querySelector('#thread .message').textContent")
    assert "the sea at night" in first


async def test_whoever_reads_chinese_reads_the_form_and_the_answer_in_chinese(tab: Tab, world: World) -> None:
    await world.slack.say(user=ADA, channel=PICTURES, text="hello")
    await tab.click(f"[data-focus='person:{CHEN}']")
    await tab.until("document.querySelector('.person.me').textContent.includes('Chen')")
    await pictures(tab, "/imagine 雨中竹林 --比例 16:9")
    assert "比例" not in await tab.run("document.querySelector('#thread .message:has(.picture)').textContent")
    assert await tab.run("document.querySelector(\"#thread [data-focus$=':again']\").textContent") == "再来一张"
    await press(tab, "edit")
    await tab.until(FORM)
    assert await tab.run("document.querySelector('dialog.modal').textContent.includes('画什么')")
