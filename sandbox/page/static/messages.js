/** One message as Slack would show it: author, words or blocks, pictures, reactions, thread line and a hover bar. */

import { renderBlocks } from "./blocks.js";
import { h, icon, patchList } from "./dom.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { menu, pickEmoji } from "./menus.js";
import { lightbox } from "./overlay.js";

const TOGETHER = 300;
const QUICK = ["repeat", "game_die", "x"];

/** Bring a list of messages up to date. `view` is {channel, inThread, store, actions, fresh}. */
export function drawMessages(list, messages, view) {
  const rows = [];
  let previous = null;
  for (const message of messages) {
    const day = new Date(Number(message.ts) * 1000).toDateString();
    if (day !== previous?.day && !view.inThread) rows.push({ key: `day ${day}`, day: Number(message.ts) });
    const compact = day === previous?.day && previous.user === message.user && !message.is_ephemeral && !previous.quiet
      && Number(message.ts) - previous.ts < TOGETHER;
    previous = { day, user: message.user, ts: Number(message.ts), quiet: Boolean(message.is_ephemeral) };
    rows.push({ key: message.ts + (message.is_ephemeral ? "e" : ""), message, compact });
    if (view.inThread && rows.length === 1) {
      rows.push({ key: "replies", replies: messages.length - 1 });
      previous = null;
    }
  }
  patchList(list, rows, {
    key: (row) => row.key,
    sign: (row) => (row.message ? signOf(row, view) : `${row.key} ${row.replies ?? ""}`),
    draw: (row, known) => (row.message ? draw(row, view, known) : row.day ? dayLine(row.day) : repliesLine(row.replies)),
  });
}

function signOf({ message, compact }, view) {
  const replies = view.inThread ? [] : view.store.replies(view.channel, message.ts);
  const below = replies.map((reply) => [reply.ts, reply.user, filesOf(reply, view)]);
  return JSON.stringify([message, compact, filesOf(message, view), view.store.me, below]);
}

function filesOf(message, view) {
  return (message.files ?? []).map((file) => view.store.file(file.id) ?? file);
}

function dayLine(seconds) {
  const date = new Date(seconds * 1000);
  const today = date.toDateString() === new Date().toDateString();
  const words = today ? "Today" : date.toLocaleDateString(undefined, { weekday: "long", month: "long", day: "numeric" });
  return h("div.day", { role: "separator" }, h("span", {}, words));
}

function repliesLine(count) {
  return h("div.replies-line", {}, count === 0 ? "No reply yet" : count === 1 ? "1 reply" : `${count} replies`);
}

function draw({ message, compact }, view, known) {
  const { store } = view;
  const author = store.user(message.user) ?? { name: message.username ?? "Slackbot", color: "4a154b" };
  const classes = ["message", compact && "compact", message.is_ephemeral && "ephemeral", !known && view.fresh && "fresh"];
  const node = h(`article.${classes.filter(Boolean).join(".")}`, {
    tabIndex: 0, data: { ts: message.ts }, aria: { label: `${author.real_name || author.name}: ${message.text ?? ""}`.slice(0, 300) },
  },
  h("div.gutter", {}, compact ? h("time.small", {}, clock(message.ts)) : avatar(author)),
  h("div.body", {},
    message.is_ephemeral && h("div.only-you", {}, icon("eye"), " Only visible to you"),
    !compact && h("div.byline", {}, h("strong", {}, author.real_name || author.name), author.is_bot && h("span.app", {}, "APP"),
      h("time", { title: new Date(Number(message.ts) * 1000).toLocaleString() }, clock(message.ts))),
    content(message, view),
    pictures(filesOf(message, view), view),
    reactions(message, view),
    !view.inThread && threadLine(message, view)),
  !message.is_ephemeral && toolbar(message, view));
  return node;
}

/** A square with initials, or the bot's own face. */
export function avatar(user) {
  const name = user.real_name || user.name || "?";
  if (user.is_bot) return h("img.avatar", { src: "/static/icon.svg", alt: "" });
  const color = /^#?[0-9a-f]{6}$/i.test(user.color ?? "") ? `#${user.color.replace("#", "")}` : "#6b4f8a";
  return h("span.avatar", { aria: { hidden: true }, style: { "--avatar": color } }, name.slice(0, 1).toUpperCase());
}

function clock(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

function content(message, view) {
  const context = {
    directory: view.store,
    act: (part, node, block) => view.actions.click(message, view.channel, part, node, block),
    form: view.actions.formOf(message, view.channel),
    picture: (id) => view.store.pictureUrl(id),
    sourceOf: (url) => view.store.sourceOf(url),
  };
  const edited = message.edited && h("span.edited", {}, "(edited)");
  const inner = message.blocks?.length
    ? renderBlocks(message.blocks, context)
    : message.text ? [h("div.text", {}, ...mrkdwn(message.text, view.store))] : [];
  if (edited && inner.length) (inner.at(-1).querySelector?.(".text:last-child") ?? inner.at(-1)).append(" ", edited);
  return h("div.content", {}, ...inner);
}

function pictures(files, view) {
  if (!files.length) return null;
  const all = files.map((file) => ({ src: view.store.pictureUrl(file.id), title: file.title || file.name, alt: file.alt_txt || "" }));
  return h(`div.pictures.n${Math.min(files.length, 4)}`, {}, ...files.map((file, index) => {
    if (!file.url) return h("div.picture.gone", {}, "This file was deleted.");
    if (!file.kind.startsWith("image/")) return h("div.picture.gone", {}, icon("clip"), file.name);
    const portrait = file.h > file.w;
    const shape = file.w && file.h ? { "--w": file.w, "--h": file.h } : {};
    return h(`figure.picture${portrait ? ".portrait" : ""}`, { style: shape },
      h("button", { type: "button", data: { focus: `file:${file.id}` }, aria: { label: `Open picture: ${file.alt_txt || file.title}` },
        onclick: () => lightbox(all, index) },
      h("img", { src: all[index].src, alt: file.alt_txt || "", width: file.w || undefined, height: file.h || undefined })),
      file.alt_txt && h("span.alt-mark", { title: file.alt_txt, aria: { hidden: true } }, "ALT"));
  }));
}

function reactions(message, view) {
  if (!message.reactions?.length) return null;
  const { store, actions, channel } = view;
  return h("div.reactions", {}, ...message.reactions.map(({ name, count, users }) => {
    const mine = users.includes(store.me);
    const who = users.map((id) => store.person(id)).join(", ");
    return h(`button.reaction${mine ? ".mine" : ""}`, {
      type: "button", title: `${who} reacted with :${name}:`, data: { focus: `react:${name}` },
      aria: { pressed: mine, label: `${name.replaceAll("_", " ")}, ${count}` },
      onclick: () => actions.react(message, channel, name, mine),
    }, h("span.emoji", {}, emoji(name)), h("span.count", {}, String(count)));
  }), h("button.reaction.add", {
    type: "button", aria: { label: "Add a reaction" }, data: { focus: "react-add" },
    onclick: (event) => pickEmoji(event.currentTarget, (name) => actions.react(message, channel, name, false)),
  }, icon("smile")));
}

function threadLine(message, view) {
  const replies = view.store.replies(view.channel, message.ts);
  if (!replies.length) return null;
  const faces = [...new Set(replies.map((reply) => reply.user))].slice(0, 3).map((id) => avatar(view.store.user(id) ?? {}));
  const shown = replies.flatMap((reply) => filesOf(reply, view)).filter((file) => file.url);
  const words = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return h("div.thread-line", {},
    shown.length > 0 && h("div.peek", {}, ...shown.slice(-4).map((file) => h("button", {
      type: "button", aria: { label: `Open picture: ${file.alt_txt || file.title}` }, data: { focus: `peek:${file.id}` },
      onclick: () => lightbox(shown.map((f) => ({ src: view.store.pictureUrl(f.id), title: f.title || f.name, alt: f.alt_txt || "" })), shown.indexOf(file)),
    }, h("img", { src: view.store.pictureUrl(file.id), alt: file.alt_txt || "" })))),
    h("button.open-thread", { type: "button", data: { focus: "thread" }, onclick: () => view.actions.openThread(message.ts) },
      ...faces, h("span.replies", {}, words),
      h("span.last", {}, `last ${clock(replies.at(-1).ts)}`), h("span.view", {}, "View thread ›")));
}

function toolbar(message, view) {
  const { actions, channel } = view;
  const react = (name) => h("button", {
    type: "button", title: `React with :${name}:`, aria: { label: `React with ${name.replaceAll("_", " ")}` }, data: { focus: `quick:${name}` },
    onclick: () => actions.react(message, channel, name, false),
  }, emoji(name));
  return h("div.toolbar", { role: "toolbar", aria: { label: "Message actions" } },
    ...QUICK.map(react),
    h("button", { type: "button", title: "Add a reaction…", aria: { label: "Add a reaction" }, data: { focus: "bar-add" },
      onclick: (event) => pickEmoji(event.currentTarget, (name) => actions.react(message, channel, name, false)) }, icon("smile")),
    shortcutsButton(message, view),
    !view.inThread && h("button", { type: "button", title: "Reply in thread", aria: { label: "Reply in thread" }, data: { focus: "bar-reply" },
      onclick: () => actions.openThread(message.thread_ts ?? message.ts) }, icon("reply")));
}

function shortcutsButton(message, { store, actions, channel }) {
  const shortcuts = store.data.slack.app.shortcuts.filter((each) => each.kind === "message");
  return shortcuts.length > 0 && h("button", {
    type: "button", title: "More actions", aria: { label: "More actions", haspopup: "menu" }, data: { focus: "bar-more" },
    onclick: (event) => menu(event.currentTarget, "More actions", shortcuts.map((each) => ({
      words: each.name, note: each.description, icon: "bolt", run: () => actions.shortcut(each.callback_id, channel, message.ts),
    }))),
  }, icon("dots"));
}
