/** The frame around the messages: sidebar with conversations and people, channel head, thread head, empty state. */

import { fill, h, icon } from "./dom.js";
import { avatar } from "./messages.js";

/** The sidebar. `view` is {store, channel, unread, actions}. */
export function drawSidebar(node, { store, channel, unread, actions }) {
  const { team, channels } = store.data.slack;
  const rooms = channels.filter((room) => room.kind !== "im");
  const direct = channels.filter((room) => room.kind === "im");
  const row = (room) => h(`a.room${room.id === channel ? ".here" : ""}${unread.has(room.id) ? ".unread" : ""}`, {
    href: `#${room.id}`, data: { focus: `room:${room.id}` }, aria: room.id === channel ? { current: "page" } : {},
    onclick: (event) => {
      event.preventDefault();
      actions.openChannel(room.id);
    },
  }, room.kind === "im" ? h("span.face", {}, avatar(store.bot() ?? {}), h(`i.dot${store.listening ? ".on" : ""}`)) : icon(room.kind === "private" ? "lock" : "hash"),
  h("span", {}, store.title(room)), unread.has(room.id) && h("span.badge", { aria: { label: "unread" } }));
  fill(node,
    h("div.workspace", {}, h("img", { src: "/static/icon.svg", alt: "" }),
      h("div", {}, h("strong", {}, team.name), h("span", {}, "on this computer"))),
    h("div.rooms", {},
      h("h2", {}, "Channels"), ...rooms.map(row),
      h("h2", {}, "Direct messages"), ...direct.map(row)),
    people(store, actions));
}

function people(store, actions) {
  return h("div.people", { role: "radiogroup", aria: { label: "Who you are" } },
    h("h2", {}, "You are"),
    h("div.faces", {}, ...store.people().map((user) => {
      const me = user.id === store.me;
      return h(`button.person${me ? ".me" : ""}`, {
        type: "button", role: "radio", data: { focus: `person:${user.id}` }, aria: { checked: me },
        title: `See the workspace as ${user.real_name || user.name}`, onclick: () => actions.become(user.id),
      }, avatar(user), h("span", {}, user.real_name || user.name), store.data.locales[user.id]?.startsWith("zh") && h("small", { title: "Reads Chinese" }, "中文"));
    })));
}

/** The line above a conversation. */
export function drawHead(node, { store, room, actions, panelOpen, dark }) {
  const im = room.kind === "im";
  fill(node,
    h("button.round.menu", { type: "button", aria: { label: "Show channels" }, data: { focus: "menu" }, onclick: actions.toggleDrawer }, icon("menu")),
    h("div.name", {}, im ? avatar(store.bot() ?? {}) : icon(room.kind === "private" ? "lock" : "hash"), h("h1", {}, store.title(room))),
    h("span.topic", {}, im ? "Only the two of you" : ""),
    h("span.grow"),
    !im && (room.bot_is_member
      ? h("span.chip", { title: "Pictures can be shared in this channel" }, h(`i.dot${store.listening ? ".on" : ""}`), h("span.member", {}, "imagine is here"))
      : h("button.chip.ask", { type: "button", data: { focus: "invite" }, onclick: () => actions.invite(room.id) }, icon("plus"), "Add imagine")),
    h("button.round", { type: "button", data: { focus: "theme" }, title: "Light or dark", aria: { label: dark ? "Switch to light" : "Switch to dark" }, onclick: actions.toggleTheme }, icon(dark ? "sun" : "moon")),
    h(`button.chip.behind${panelOpen ? ".on" : ""}`, { type: "button", data: { focus: "panel" }, aria: { pressed: panelOpen, label: "Behind the scenes" }, onclick: actions.togglePanel }, icon("panel"), h("span", {}, "Behind the scenes")));
}

/** The line above a thread. */
export function drawThreadHead(node, { store, room, title, actions }) {
  fill(node, h("div.name", {}, h("h1", {}, title || "Thread"), h("span.topic", {}, room.kind === "im" ? store.title(room) : `#${room.name}`)), h("span.grow"),
    h("button.round", { type: "button", data: { focus: "thread-close" }, aria: { label: "Close thread" }, onclick: actions.closeThread }, icon("close")));
}

const EXAMPLES = ["/imagine a fox in the rain --ar 16:9 --n 2", "/imagine 雨中竹林 --style 水墨画 --ar 3:4", "/imagine help"];

/** What a newcomer sees first: what to type, and a click that types it. */
export function drawEmpty(node, { store, room, actions }) {
  if (!room) return;
  const where = room.kind === "im" ? "a direct message with imagine" : `#${room.name}`;
  const [first, ...others] = EXAMPLES;
  fill(node, h("div.empty", {},
    h("img.scene", { src: "/static/welcome.svg", alt: "" }),
    h("h2", {}, store.roots(room.id).length ? `This is the very beginning of ${where}` : "Ask for a picture"),
    h("p", {}, ...(room.kind === "im" && !store.data.slack.app.read_only ? ["Say"] : ["Type ", h("code", {}, "/imagine"), " and"]), " what you would like to see. The picture comes back in a thread of its own, ready to keep; a ",
      h("span.emoji", {}, "🔁"), " reaction asks for another."),
    h("button.example.big", { type: "button", data: { focus: "example" }, onclick: () => actions.fillIn(first) },
      h("span", {}, "Try this"), h("code", {}, first)),
    h("div.more", {}, ...others.map((text) => h("button.example", { type: "button", data: { focus: text }, onclick: () => actions.fillIn(text) }, h("code", {}, text)))),
    h("p.small", {}, "Nothing leaves this computer: Slack, the image API and the pictures are all local, and no model draws them.")));
}
