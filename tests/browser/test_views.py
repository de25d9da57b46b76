"""Modals, the Home tab, shortcuts, files, steps and agents on the page, with a real mouse and keyboard."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.world import Wishes, World, open_world
from tests.browser.cdp import Tab
from tests.browser.test_page import COMPOSER
from tests.browser.test_page import ask as send
from tests.sandbox_slack.conftest import ADA, PICTURES, png
from tests.sandbox_slack.form_bot import MANIFEST, Seen, form_app

pytestmark = pytest.mark.asyncio(loop_scope="module")
MODAL = "dialog.modal .modal-block"
GONE = "!document.querySelector('dialog.modal')"


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest_asyncio.fixture(loop_scope="module")
async def world(chrome: Tab, seen: Seen) -> AsyncIterator[World]:
    """A sandbox with the bot of forms, connected."""
    assert chrome
    async with open_world(Wishes(with_bot=False)) as opened:
        opened.slack.reconfigure(MANIFEST)
        client = AsyncWebClient(token=opened.slack.bot_token, base_url=opened.slack.api_url)
        handler = AsyncSocketModeHandler(form_app(client, seen), opened.slack.app_token)
        await handler.connect_async()
        await opened.slack.connected(timeout=10)
        yield opened
        await handler.close_async()


async def open_modal(tab: Tab) -> None:
    """Give the command without words, and wait until the modal has the focus."""
    await send(tab, "/imagine ")
    await tab.until("document.activeElement.id.endsWith('-prompt-prompt')")


async def choose(tab: Tab, field: str, text: str) -> None:
    """Search in a select menu of the modal, and take what is found."""
    await tab.click(f"dialog.modal [id$='-{field}-{field}']")
    await tab.write(text)
    await tab.until(
        f"document.querySelector('.options:popover-open .option.on')?.textContent.includes({json.dumps(text)})"
    )
    await tab.enter()


async def drop(tab: Tab, selector: str, name: str, data: bytes) -> None:
    """Give a file to an `<input type=file>`, as the file dialog would."""
    await tab.until(f"document.querySelector({json.dumps(selector)})")
    await tab.run(f"""(() => {{
        const bytes = Uint8Array.from(atob("{base64.b64encode(data).decode()}"), (c) => c.charCodeAt(0));
        const given = new DataTransfer();
        given.items.add(new File([bytes], {json.dumps(name)}, {{ type: "image/png" }}));
        const input = document.querySelector({json.dumps(selector)});
        input.files = given.files;
        input.dispatchEvent(new Event("change"));
    }})()""")


async def test_a_modal_is_filled_in_by_keyboard_and_mouse_and_reaches_the_app(tab: Tab, seen: Seen) -> None:
    await open_modal(tab)
    await tab.write("a fox")
    await choose(tab, "style", "墨")
    await tab.click("dialog.modal input[type=radio][value='16:9']")
    await tab.click("dialog.modal input[type=checkbox][value='raw']")
    await choose(tab, "place", "Hang")
    await choose(tab, "tags", "calm")
    await choose(tab, "tags", "dark")
    await drop(tab, "dialog.modal .file-input input", "ref.png", png())
    await tab.until("document.querySelector('.file-input .chip-choice')?.textContent.includes('ref.png')")
    await tab.click("[data-focus=modal-submit]")
    await tab.until(GONE)
    await tab.until("document.querySelector('#message-list').textContent.includes('drawing a fox')")
    values = {block: next(iter(each.values())) for block, each in seen.submitted[0]["view"]["state"]["values"].items()}
    assert values["style"]["selected_option"]["value"] == "shuimo"
    assert values["shape"]["selected_option"]["value"] == "16:9"
    assert [each["value"] for each in values["more"]["selected_options"]] == ["raw"]
    assert values["place"]["selected_option"]["value"] == "hangzhou"
    assert [each["value"] for each in values["tags"]["selected_options"]] == ["calm", "dark"]
    assert values["where"]["selected_conversation"] == PICTURES
    assert values["picture"]["files"][0]["name"] == "ref.png"
    assert list(tab.complaints) == []


async def test_an_error_stands_beside_its_field_and_what_was_typed_stays(tab: Tab, seen: Seen) -> None:
    await open_modal(tab)
    await tab.click("[data-focus=modal-submit]")
    await tab.until("document.querySelector('.wrong .error-text')?.textContent.includes('required')")
    await tab.until("document.activeElement.getAttribute('aria-invalid') === 'true'")
    await tab.write("a forbidden fox")
    await choose(tab, "style", "Oil")
    await tab.click("[data-focus=modal-submit]")
    await tab.until("document.querySelector('.wrong .error-text')?.textContent.includes('not allowed: forbidden')")
    assert await tab.run("document.querySelector('.wrong textarea').value") == "a forbidden fox"
    assert "Oil" in await tab.run("document.querySelector(\"[id$='-style-style']\").value")
    assert seen.submitted == []


async def test_escape_closes_the_list_first_and_then_the_modal_and_the_app_hears_of_it(tab: Tab, seen: Seen) -> None:
    await open_modal(tab)
    await tab.click("dialog.modal [id$='-style-style']")
    await tab.until("document.querySelector('.options:popover-open')")
    await tab.press("Escape", code=27)
    await tab.until("!document.querySelector('.options:popover-open')")
    assert await tab.run(f"!({GONE})")
    await tab.press("Escape", code=27)
    await tab.until(GONE)
    await tab.until(f"document.activeElement === document.querySelector('{COMPOSER}')")
    assert [each["type"] for each in seen.payloads] == ["view_closed"]


async def test_a_button_updates_the_modal_and_another_opens_one_on_top(tab: Tab) -> None:
    await open_modal(tab)
    await tab.click("dialog.modal [id$='-count-count']")
    await tab.press("End", code=35)
    await tab.press("Backspace", code=8)
    await tab.write("3")
    await tab.click("[data-focus='row:surprise']")
    await tab.until("document.querySelector('dialog.modal textarea').value === 'a teapot on the moon'")
    assert await tab.run("document.querySelector(\"[id$='-count-count']\").value") == "3"
    await tab.click("[data-focus='row:deeper']")
    await tab.until("document.querySelector('#modal-title').textContent === 'House style'")
    await tab.click("[data-focus=modal-back]")
    await tab.until("document.querySelector('#modal-title').textContent === 'Imagine a picture'")
    assert await tab.run("document.querySelector(\"[id$='-count-count']\").value") == "3"


async def test_a_menu_in_a_modal_lies_above_it_and_carries_what_was_chosen(tab: Tab, seen: Seen) -> None:
    await open_modal(tab)
    await tab.click("[data-focus='row:later']")
    await tab.click(".menu-list button:nth-child(2)")
    await tab.until("!document.querySelector('.picker') && !document.querySelector('.busy')")
    assert seen.payloads[0]["actions"][0]["selected_option"]["value"] == "never"
    await tab.until("document.activeElement.dataset.focus === 'row:later'")


async def test_a_modal_that_nobody_answers_says_so_and_stays(tab: Tab, world: World) -> None:
    await open_modal(tab)
    await tab.write("a fox")
    world.slack.settings.mute_sockets = True
    world.slack.settings.ack_window = 0.05
    await tab.click("[data-focus=modal-submit]")
    await tab.until("document.querySelector('dialog.modal .trouble').textContent.includes('trouble connecting')")
    assert await tab.run("document.querySelector('dialog.modal textarea').value") == "a fox"


async def test_a_message_shortcut_opens_a_modal_with_the_message_in_it(tab: Tab, seen: Seen) -> None:
    await send(tab, "the sea at night")
    await tab.click("#message-list .message [data-focus=bar-more]")
    await tab.until("document.querySelector('.menu-list')?.textContent.includes('Illustrate this')")
    await tab.enter()
    await tab.until(f"document.querySelector('{MODAL} textarea')?.value === 'the sea at night'")
    assert seen.payloads[0]["message"]["text"] == "the sea at night"


async def test_a_global_shortcut_starts_beside_the_message_box(tab: Tab) -> None:
    await tab.click("[data-focus='composer-main-plus']")
    await tab.press("ArrowDown", code=40)
    await tab.enter()
    await tab.until(f"document.querySelector('{MODAL}')")


async def test_the_home_tab_is_drawn_and_its_button_works(tab: Tab) -> None:
    await tab.click("[data-focus='room:D0ADA00AAA1']")
    await tab.click("[data-focus='tab:home']")
    await tab.until("document.querySelector('#home').textContent.includes('Counted: 0')")
    await tab.click("#home .action.primary")
    await tab.until("document.querySelector('#home').textContent.includes('Counted: 1')")
    await tab.click("[data-focus='tab:messages']")
    await tab.until(f"document.querySelector('{COMPOSER}').getClientRects().length > 0")
    assert await tab.run("document.querySelector('#home').hidden") is True


async def test_a_picture_goes_to_the_app_with_a_direct_message_and_its_work_can_be_stopped(
    tab: Tab, world: World, seen: Seen
) -> None:
    await tab.click("[data-focus='room:D0ADA00AAA1']")
    await drop(tab, "#composer input[type=file]", "ref.png", png())
    await tab.until("document.querySelector('#composer .chip-choice')?.textContent.includes('ref.png')")
    await send(tab, "like this")
    await tab.until("document.querySelector('.thread-line')")
    await tab.click("[data-focus=thread]")
    await tab.until("document.querySelector('#thread').textContent.includes(\"heard ['ref.png']\")")
    await tab.click("[data-focus=stop]")
    await tab.until("document.querySelector('#work').hidden")
    assert seen.payloads[0]["files"][0]["name"] == "ref.png"


async def test_any_emoji_can_be_given_by_its_name(tab: Tab, world: World) -> None:
    ts = await world.slack.say(user=ADA, channel=PICTURES, text="nice")
    await tab.click("#message-list .message [data-focus=bar-add]")
    await tab.click(".emoji-picker input")
    await tab.write("our_own")
    await tab.enter()
    await tab.until("document.querySelector('.reaction.mine')?.textContent.includes(':our_own:')")
    message = world.slack.workspace.message(PICTURES, ts)
    assert message is not None
    assert message.reactions == {"our_own": [ADA]}


async def test_a_link_to_a_reply_opens_its_thread_and_goes_there(tab: Tab, world: World) -> None:
    root = await world.slack.say(user=ADA, channel=PICTURES, text="root")
    reply = await world.slack.say(user=ADA, channel=PICTURES, text="the reply", thread_ts=root)
    client = AsyncWebClient(token=world.slack.bot_token, base_url=world.slack.api_url)
    link = (await client.chat_getPermalink(channel=PICTURES, message_ts=reply))["permalink"]
    await client.chat_postMessage(channel=PICTURES, text=f"<{link}|its parent>")
    await tab.click("#message-list a[href*='/archives/']")
    await tab.until(f"document.activeElement.closest('#thread')?.querySelector('[data-ts=\"{reply}\"]:focus')")


async def test_a_workflow_step_is_run_by_hand_and_shows_its_outputs(tab: Tab) -> None:
    await tab.click("[data-focus='composer-main-plus']")
    await tab.press("ArrowUp", code=38)
    await tab.enter()
    await tab.click("#step-prompt")
    await tab.write("a fox")
    await tab.click("[data-focus=run-step]")
    await tab.until("document.querySelector('.run.completed')?.textContent.includes('link to a fox')")


async def test_everything_in_a_modal_has_a_name(tab: Tab) -> None:
    await open_modal(tab)
    nameless = """[...document.querySelectorAll('dialog.modal :is(button, input, select, textarea)')].filter(node =>
        !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.[0]?.textContent.trim()))
        .map(node => node.outerHTML)"""
    assert await tab.run(nameless) == []
