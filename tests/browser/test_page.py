"""What a newcomer does on the page, with a real mouse and keyboard in a real browser."""

from __future__ import annotations

import json

import pytest

from sandbox.world import World, load_manifest
from tests.browser.cdp import Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMPOSER = "#composer-main"
PARTS = """Object.fromEntries([...document.querySelectorAll('.sidebar, .channel, .thread, .panel')].map(
    part => [part.className.split(' ')[0], part.getBoundingClientRect().toJSON()]))"""
LOADED = "[...document.querySelectorAll('#thread .picture img')].filter(i => i.complete && i.naturalWidth).length"


async def ask(tab: Tab, text: str) -> None:
    """Type into the message box and send."""
    await tab.click(COMPOSER)
    await tab.write(text)
    await tab.enter()


async def ask_for_pictures(tab: Tab) -> None:
    """Ask, and open the thread in which the pictures are."""
    await ask(tab, "/imagine a fox in the rain")
    await tab.until("document.querySelector('.thread-line .peek img')")
    await tab.click("[data-focus=thread]")
    await tab.until(f"{LOADED} === 2")


async def test_an_ask_brings_pictures_that_are_really_drawn(tab: Tab) -> None:
    await ask_for_pictures(tab)
    assert await tab.run("document.querySelector('#thread .picture img').alt") == "picture 0.png"
    assert list(tab.complaints) == []


async def test_nothing_is_redrawn_under_a_pressed_mouse_so_that_its_click_counts(tab: Tab) -> None:
    await tab.run("""import('/static/press.js').then(({ Press }) => {
        window.drawn = [];
        window.press = new Press((what) => window.drawn.push(what));
        window.addEventListener("click", () => window.drawn.push("click"));
    })""")
    held = [
        {"type": kind, "button": "left", "clickCount": 1, "x": 2, "y": 2} for kind in ("mousePressed", "mouseReleased")
    ]
    await tab.run("press.take('first')")
    await tab.send("Input.dispatchMouseEvent", **held[0])
    await tab.run("press.take('older'), press.take('newer')")
    assert await tab.run("drawn") == ["first"]
    await tab.send("Input.dispatchMouseEvent", **held[1])
    await tab.until("drawn.length === 3")
    assert await tab.run("drawn") == ["first", "click", "newer"]
    await tab.send("Input.dispatchMouseEvent", **held[0])
    await tab.run("press.take('of a mouse that is let go elsewhere')")
    await tab.until("drawn.length === 4")


async def test_the_example_of_the_empty_page_fills_the_message_box(tab: Tab) -> None:
    await tab.click("[data-focus=example]")
    assert await tab.run(f"document.querySelector('{COMPOSER}').value") == "/imagine a fox in the rain --ar 16:9 --n 2"
    assert await tab.run("document.activeElement.id") == "composer-main"


async def test_the_empty_page_asks_for_the_command_in_a_channel_and_for_plain_words_where_the_bot_reads_them(
    tab: Tab, world: World
) -> None:
    words = "document.querySelector('#message-empty .empty p').textContent"
    assert (await tab.run(words)).startswith("Type /imagine and what you would like to see.")
    await tab.click("[data-focus='room:D0ADA00AAA1']")
    await tab.until(f"{words}.startsWith('Say what you would like to see.')")

    manifest = load_manifest()
    manifest["features"]["app_home"]["messages_tab_read_only_enabled"] = True
    world.slack.reconfigure(manifest)
    await tab.open("about:blank")
    await tab.open(f"{world.page.url}#D0ADA00AAA1")
    await tab.until(f"{words}.startsWith('Type /imagine')")


async def test_a_slash_offers_the_command_and_tab_takes_it(tab: Tab) -> None:
    await tab.click(COMPOSER)
    await tab.write("/im")
    await tab.until("document.querySelector('.choice.on')")
    await tab.press("Tab", code=9)
    assert await tab.run(f"document.querySelector('{COMPOSER}').value") == "/imagine "
    assert "--ar" in await tab.run("document.querySelector('.hint').textContent")


async def test_a_reaction_by_mouse_brings_another_picture(tab: Tab) -> None:
    await ask_for_pictures(tab)
    await tab.click("#thread .message [data-focus='quick:repeat']")
    await tab.until("document.querySelector('#thread .reaction.mine')")
    await tab.until(f"{LOADED} === 3")


async def test_a_button_works_and_a_dangerous_one_asks_first(tab: Tab) -> None:
    await ask_for_pictures(tab)
    await tab.click("#thread .action.primary")
    await tab.until("document.querySelector('#thread').textContent.includes('clicked again')")

    await tab.click("#thread .action.danger")
    await tab.until("document.querySelector('dialog.confirm')?.textContent.includes('It will be gone.')")
    await tab.click("dialog.confirm .action.danger")
    await tab.until("!document.querySelector('#thread .picture')")


async def test_the_viewer_opens_steps_and_closes_by_keyboard(tab: Tab) -> None:
    await ask_for_pictures(tab)
    await tab.click("#thread .picture button")
    await tab.until("document.querySelector('.lightbox .count')?.textContent === '1 of 2'")
    await tab.press("ArrowRight", code=39)
    await tab.until("document.querySelector('.lightbox .count')?.textContent === '2 of 2'")
    await tab.press("Escape", code=27)
    await tab.until("!document.querySelector('.lightbox')")


async def test_text_of_people_is_never_markup(tab: Tab, world: World) -> None:
    await ask(tab, "<img src=x onerror=document.title='owned'> <b>bold</b> & *strong* <javascript:alert(1)|x>")
    await tab.until("document.querySelector('#message-list .message strong')")
    assert await tab.run("document.querySelector('#message-list .text img, #message-list .text b')") is None
    assert await tab.run("document.querySelectorAll('#message-list .text a').length") == 0
    assert "owned" not in await tab.run("document.title")
    shown = await tab.run("[...document.querySelectorAll('#message-list .text')].at(-1).textContent")
    assert shown.startswith("<img src=x onerror=document.title='owned'> <b>bold</b> & strong")


async def test_an_ephemeral_answer_is_marked_and_only_its_owner_sees_it(tab: Tab) -> None:
    await ask(tab, "/imagine help")
    await tab.until("document.querySelector('.only-you')")
    await tab.click("[data-focus='person:U0BEN00BBB2']")
    await tab.until("document.querySelector('.person.me').textContent.includes('Ben')")
    await tab.until("!document.querySelector('.only-you')")


async def test_an_unknown_command_is_said_to_be_one_and_its_words_stay(tab: Tab) -> None:
    await ask(tab, "/nonsense please")
    await tab.until("document.querySelector('.toast.error')?.textContent.includes('/nonsense is not a valid command')")
    assert await tab.run(f"document.querySelector('{COMPOSER}').value") == "/nonsense please"


async def test_the_bot_can_be_invited_with_a_click(tab: Tab, world: World) -> None:
    await tab.click("[data-focus='room:C0RANDOM001']")
    await tab.click("[data-focus=invite]")
    await tab.until("document.querySelector('#channel-head').textContent.includes('imagine is here')")
    assert world.slack.bot_user_id in world.slack.workspace.channels["C0RANDOM001"].members


@pytest.mark.parametrize("apart", [True])
async def test_a_killed_bot_is_said_so_and_can_be_started_again(tab: Tab, world: World) -> None:
    await tab.click("#tab-faults")
    await tab.click("[data-focus='bot:kill']")
    await tab.until("document.querySelector('.banner.died')?.textContent.includes('-9')")
    await tab.click("[data-focus=revive]")
    await tab.until("document.querySelector('.banner').hidden")
    assert world.bot is not None
    assert world.bot.starts == 2


async def test_a_switch_reaches_the_settings(tab: Tab, world: World) -> None:
    await tab.click("#tab-faults")
    await tab.click("[data-focus='switch:images:unpaid']")
    await tab.until("document.querySelector(\"[data-focus='switch:images:unpaid']\").checked")
    await tab.click("[data-focus='strike:fail']")
    await tab.until("document.querySelector('.pending')")
    assert world.images.settings.unpaid is True
    assert len(world.images.settings.faults.pending()) == 1


async def test_the_page_finds_its_way_back_after_a_lost_connection(tab: Tab, world: World) -> None:
    await world.page.stop()
    await tab.until("document.querySelector('.banner.offline')")
    await world.page.start(port=int(world.page.url.rstrip("/").rsplit(":", 1)[1]))
    await tab.until("document.querySelector('.banner').hidden")


async def test_a_phone_shows_one_thing_at_a_time_and_nothing_sticks_out(tab: Tab, world: World) -> None:
    await tab.size(360, 740, touch=True)
    await tab.open(world.page.url)
    await tab.until("document.querySelector('.person.me') && innerWidth === 360")
    await ask_for_pictures(tab)
    assert await tab.run("document.documentElement.scrollWidth") == 360
    await tab.until("document.elementFromPoint(180, 300).closest('#thread') !== null")
    await tab.click("[data-focus='thread-close']")
    await tab.click("[data-focus=menu]")
    await tab.until("document.elementFromPoint(100, 300).closest('#sidebar') !== null")


@pytest.mark.parametrize("width", [1440, 1366, 1280, 1024, 900, 768])
async def test_at_any_width_of_a_desk_what_is_open_stands_whole_in_the_window(
    tab: Tab, world: World, width: int
) -> None:
    await tab.size(width, 800)
    await tab.open(world.page.url)
    await tab.until(f"document.querySelector('.person.me') && innerWidth === {width}")
    await ask_for_pictures(tab)
    boxes = await tab.run(PARTS)
    shown = {name: box for name, box in boxes.items() if box["width"]}
    assert {"sidebar", "channel", "thread"} <= shown.keys()
    for name, box in shown.items():
        assert box["top"] <= 6, name
        assert box["bottom"] >= 790, name
        assert 0 <= box["left"] < box["right"] <= width, name
    assert shown["thread"]["width"] >= 320
    assert await tab.run("document.documentElement.scrollWidth") <= width


async def test_whoever_goes_to_a_channel_sees_it_also_where_the_panel_lay_on_it(tab: Tab, world: World) -> None:
    await tab.size(900, 800)
    await tab.open(world.page.url)
    await tab.until("document.querySelector('.person.me') && innerWidth === 900")
    await tab.run("document.querySelector('#panel').hidden && document.querySelector('[data-focus=panel]').click()")
    await tab.until("document.elementFromPoint(600, 400).closest('#panel') !== null")
    await tab.click("[data-focus='room:C0RANDOM001']")
    await tab.until("document.elementFromPoint(600, 400).closest('.channel') !== null")


@pytest.mark.parametrize("width", [1440, 400])
async def test_the_words_in_the_empty_message_box_fit_it(tab: Tab, world: World, width: int) -> None:
    await tab.size(width, 800)
    await tab.open(world.page.url)
    await tab.until(f"document.querySelector('.person.me') && innerWidth === {width}")
    await ask_for_pictures(tab)
    if width == 400:
        await tab.click("[data-focus='thread-close']")
    wide, room = await tab.run(f"""(box => {{
        const pen = document.createElement("canvas").getContext("2d");
        pen.font = getComputedStyle(box).font;
        return [pen.measureText(box.placeholder).width, box.clientWidth];
    }})(document.querySelector('{COMPOSER}'))""")
    assert 100 < wide <= room


async def test_a_job_of_many_words_stays_within_the_panel(tab: Tab) -> None:
    await ask(tab, "/imagine " + "a fox in the rain beside a very long river " * 8)
    await tab.until("document.querySelector('.job.good')")
    card, panel = await tab.run("""['.job', '.panel-body'].map(
        selector => document.querySelector(selector).getBoundingClientRect().right)""")
    assert card <= panel


async def test_everything_that_can_be_pressed_has_a_name(tab: Tab) -> None:
    await ask_for_pictures(tab)
    for name in ("jobs", "traffic", "faults"):
        await tab.click(f"#tab-{name}")
        nameless = """[...document.querySelectorAll('button, a[href], input, select, textarea')].filter(node =>
            !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.[0]?.textContent.trim()))
            .map(node => node.outerHTML)"""
        assert await tab.run(nameless) == []


MRKDWN = {
    "a &lt;b&gt; &amp;amp;": "a <b> &amp;",
    "<!date^0^{date_num} {nonsense}|then>": "01/01/1970 {nonsense}",
    "<!date^soon^{time}|then>": "then",
    "<https://slack.test/?a=1&amp;b=2|here>": "here",
    "<!here> <@U1> <#C1|x>": "@here @U1 #C1",
    "*bold* _it_ ~no~ `*code*` 2*3*4 snake_case_name": "bold it no *code* 2*3*4 snake_case_name",
    "&gt; quoted\nplain": "quotedplain",
    ":fox_face: :not_an_emoji:": "🦊 :not_an_emoji:",
    "```one\n*two*```": "one\n*two*",
}


async def test_mrkdwn_is_read_as_slack_reads_it(tab: Tab) -> None:
    await tab.send("Emulation.setTimezoneOverride", timezoneId="UTC")
    script = f"""import('/static/mrkdwn.js').then(({{ mrkdwn }}) => {json.dumps(list(MRKDWN))}.map((text) => {{
        const directory = {{ person: (id) => id, channel: (id) => id, me: "" }};
        const box = document.createElement("div");
        box.append(...mrkdwn(text, directory));
        return box.textContent;
    }}))"""
    assert dict(zip(MRKDWN, await tab.run(script), strict=True)) == MRKDWN
