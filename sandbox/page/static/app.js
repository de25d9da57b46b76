/** The page: holds what is open, draws each snapshot, and carries out what a person does. */

import { drawPrompts, drawWork } from "./agent.js";
import { Composer } from "./composer.js";
import { actionsOf, extrasOf, linksOf, send } from "./doing.js";
import { fill, h, patch } from "./dom.js";
import { drawTabs, Home } from "./home.js";
import { drawEmpty, drawHead, drawSidebar, drawThreadHead } from "./lists.js";
import { drawMessages } from "./messages.js";
import { Modal } from "./modal.js";
import { Live } from "./net.js";
import { Panel } from "./panel.js";
import { Press } from "./press.js";
import { drawRuns } from "./steps.js";
import { Store } from "./store.js";

const $ = (id) => document.getElementById(id);
const memory = (storage) => ({
  get: (name) => { try { return storage().getItem(`imagine.${name}`); } catch { return null; } },
  set: (name, value) => { try { storage().setItem(`imagine.${name}`, value); } catch { /* a private window keeps nothing */ } },
});
const kept = memory(() => localStorage);
/** So narrow, the panel lies on the conversation (as in style.css). */
const COVERED = 1000;
/** Two windows may be two people. */
const here = memory(() => sessionStorage);

class App {
  constructor() {
    this.store = new Store();
    this.channel = decodeURIComponent(location.hash.slice(1)) || null;
    this.thread = null;
    this.tab = "messages";
    this.seen = new Map();
    this.online = true;
    this.theme(kept.get("theme"));
    this.panelOpen = kept.get("panel") === "open" || (kept.get("panel") === null && innerWidth >= 1280);
    this.actions = actionsOf(this);
    const parts = { store: this.store, actions: this.actions, links: (view) => linksOf(this, view) };
    this.home = new Home($("home"), parts);
    this.modal = new Modal(parts);
    this.main = this.composer($("composer"), "composer-main", "Message", false);
    this.reply = this.composer($("thread-composer"), "composer-thread", "Reply in the thread", true);
    this.panel = new Panel($("panel"), { store: this.store, actions: this.actions, close: () => this.actions.togglePanel() });
    const press = new Press((state) => this.take(state));
    this.live = new Live((state) => press.take(state), (online) => this.status(online));
    this.live.as(here.get("person") ?? kept.get("person"));
    document.addEventListener("keydown", (event) => this.key(event));
    $("scrim").addEventListener("click", () => this.drawer(false));
    document.addEventListener("click", (event) => this.follow(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.store.data && this.draw());
  }

  composer(root, id, label, inThread) {
    return new Composer(root, {
      id, label, inThread,
      commands: () => this.store.data?.commands ?? [],
      people: () => this.store.data?.slack.users ?? [],
      send: (text, files) => send(this, text, files, inThread),
      attach: (file) => this.actions.attach(file),
      extras: () => extrasOf(this),
    });
  }

  // Snapshots -----------------------------------------------------------------------------------------------------

  take(state) {
    const first = !this.store.data || this.store.me !== state.slack.me;
    this.store.take(state);
    const rooms = state.slack.channels;
    if (!rooms.some((room) => room.id === this.channel)) this.channel = rooms.find((room) => room.bot_is_member)?.id ?? rooms[0].id;
    if (first) for (const room of rooms) this.seen.set(room.id, this.newest(room.id));
    this.draw(first);
  }

  newest(channel) {
    return this.store.messages(channel).at(-1)?.ts ?? "0";
  }

  draw(first = false) {
    const { store, actions } = this;
    const room = store.channels.get(this.channel);
    const dark = this.dark();
    this.seen.set(this.channel, this.newest(this.channel));
    const unread = new Set([...store.channels.keys()].filter((id) => this.newest(id) > (this.seen.get(id) ?? "0")));
    patch($("sidebar"), [store.data.slack.team, store.data.slack.users, [...store.channels.values()], store.me, this.channel, [...unread], store.listening],
      () => drawSidebar($("sidebar"), { store, channel: this.channel, unread, actions }));
    patch($("channel-head"), [room, store.me, this.panelOpen, dark, store.listening], () => drawHead($("channel-head"), { store, room, actions, panelOpen: this.panelOpen, dark }));
    this.drawBanner();
    this.drawTabs(room);
    this.drawChannel(room, first);
    this.drawThread(room, first);
    this.modal.draw();
    drawRuns(store);
    this.layout();
    this.panel.draw();
  }

  /** A conversation with the app has a Home tab beside its messages; whoever may not write sees no message box. */
  drawTabs(room) {
    const { app } = this.store.data.slack;
    const direct = room.kind === "im";
    if (!direct || !app.home_tab) this.tab = "messages";
    else if (!app.messages_tab) this.tab = "home";
    const home = this.tab === "home";
    $("tabs").hidden = !direct || !app.home_tab;
    patch($("tabs"), [app, this.tab], () => drawTabs($("tabs"), { store: this.store, tab: this.tab, actions: this.actions }));
    $("home").hidden = !home;
    $("messages").hidden = home;
    $("composer").hidden = home || (direct && app.read_only);
    $("read-only").hidden = home || !direct || !app.read_only;
    if (home) this.home.draw();
    drawPrompts($("prompts"), { store: this.store, room, tab: this.tab, actions: this.actions });
  }

  drawChannel(room, first) {
    const scroll = $("messages");
    const moved = this.drawn !== room.id || first;
    const stick = moved || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
    const roots = this.store.roots(room.id);
    patch($("message-empty"), [room.id, this.store.me, roots.length > 0], () => drawEmpty($("message-empty"), { store: this.store, room, actions: this.actions }));
    $("message-empty").classList.toggle("folded", roots.length > 0);
    if (moved) $("message-list").replaceChildren();
    drawMessages($("message-list"), roots, { channel: room.id, inThread: false, store: this.store, actions: this.actions, fresh: !moved });
    this.drawn = room.id;
    this.main.at(room.id, `Message ${room.kind === "im" ? "" : "#"}${this.store.title(room)}, or /imagine…`);
    if (stick) scroll.scrollTop = scroll.scrollHeight;
  }

  drawThread(room, first) {
    const root = this.store.messages(room.id).find((message) => message.ts === this.thread);
    const moved = this.drawnThread !== this.thread || first;
    this.drawnThread = this.thread;
    $("thread").hidden = !root;
    drawWork($("work"), { store: this.store, channel: room.id, thread: this.thread, actions: this.actions });
    if (!root) return;
    const scroll = $("thread-scroll");
    const stick = moved || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
    const { title = "" } = this.store.session(room.id, this.thread) ?? {};
    patch($("thread-head"), [room.id, this.thread, title], () => drawThreadHead($("thread-head"), { store: this.store, room, title, actions: this.actions }));
    if (moved) $("thread-list").replaceChildren();
    const all = [root, ...this.store.replies(room.id, this.thread)];
    drawMessages($("thread-list"), all, { channel: room.id, inThread: true, store: this.store, actions: this.actions, fresh: !moved });
    this.reply.at(this.thread, "Reply…");
    if (stick) scroll.scrollTop = scroll.scrollHeight;
  }

  drawBanner() {
    const { bot } = this.store.data;
    const quiet = !this.store.listening;
    const state = !this.online ? "offline" : bot?.died ? "died" : bot && !bot.alive ? "stopped" : quiet ? (bot ? "starting" : "alone") : "";
    const banner = $("banner");
    patch(banner, [state, bot?.code], () => {
      banner.hidden = !state;
      banner.className = `banner ${state}`;
      fill(banner, h("span", {}, {
        offline: "The sandbox does not answer; trying again…", died: `The bot has ended with code ${bot?.code}.`, stopped: "The bot is stopped.",
        starting: "The bot is starting…", alone: "No bot is connected. Connect yours with the tokens that the sandbox printed.",
      }[state] ?? ""), (state === "died" || state === "stopped")
        && h("button.action", { type: "button", data: { focus: "revive" }, onclick: () => this.actions.bot("start") }, "Start it"));
    });
  }

  layout() {
    const app = $("app");
    app.dataset.thread = $("thread").hidden ? "closed" : "open";
    app.dataset.panel = this.panelOpen ? "open" : "closed";
    $("panel").hidden = !this.panelOpen;
  }

  status(online) {
    if (online === this.online) return;
    this.online = online;
    if (this.store.data) this.drawBanner();
  }

  // Where a person goes ---------------------------------------------------------------------------------------------

  openChannel(id) {
    if (id !== this.channel) this.thread = null;
    this.channel = id;
    const direct = this.store.channels.get(id)?.kind === "im";
    if (direct && this.store.data.slack.app.messages_tab) this.actions.home("messages");
    this.tab = "messages";
    if (innerWidth <= COVERED) this.panelOpen = false;
    history.replaceState(null, "", `#${id}`);
    this.drawer(false);
    this.draw();
    if (innerWidth > 760 && !$("composer").hidden) this.main.box.focus();
  }

  openTab(tab) {
    this.tab = tab;
    this.actions.home(tab);
    this.draw();
    $("tabs").querySelector(".on")?.focus();
  }

  openThread(ts) {
    this.thread = ts;
    if (ts && innerWidth < 1100 && this.panelOpen) this.panelOpen = false;
    this.draw();
    if (ts && innerWidth > 760) this.reply.box.focus();
  }

  /** A link to a message goes there, as in Slack; every other link opens as usual. */
  follow(event) {
    const link = event.target.closest?.("a[href*='/archives/']");
    const found = link && /\/archives\/([CDG]\w+)\/p(\d+)(\d{6})/.exec(link.pathname);
    if (!found || !this.store.channels.has(found[1])) return;
    event.preventDefault();
    const ts = `${found[2]}.${found[3]}`;
    const thread = new URLSearchParams(link.search).get("thread_ts");
    if (found[1] !== this.channel) this.openChannel(found[1]);
    this.openThread(thread);
    const message = $(thread ? "thread-list" : "message-list").querySelector(`[data-ts="${CSS.escape(ts)}"]`);
    message?.scrollIntoView({ block: "center" });
    message?.focus();
  }

  become(id) {
    kept.set("person", id);
    here.set("person", id);
    this.thread = null;
    this.live.as(id);
  }

  toggleDrawer() {
    this.drawer($("app").dataset.drawer !== "open");
  }

  drawer(open) {
    $("app").dataset.drawer = open ? "open" : "closed";
    if (open) $("sidebar").querySelector(".here")?.focus();
  }

  togglePanel() {
    this.panelOpen = !this.panelOpen;
    kept.set("panel", this.panelOpen ? "open" : "closed");
    this.draw();
    if (this.panelOpen) this.panel.draw();
  }

  dark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  theme(name) {
    if (name === "dark" || name === "light") document.documentElement.dataset.theme = name;
  }

  toggleTheme() {
    const name = this.dark() ? "light" : "dark";
    kept.set("theme", name);
    this.theme(name);
    this.draw();
  }

  /** Arrow keys walk through the messages; Escape closes what lies on top, or goes back to the message box. */
  key(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open], .picker")) return;
    const message = document.activeElement?.closest?.(".message");
    if (message && document.activeElement === message && /^Arrow(Up|Down)$/.test(event.key)) {
      const all = [...message.parentElement.querySelectorAll(".message")];
      all[all.indexOf(message) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      if ($("app").dataset.drawer === "open") this.drawer(false);
      else if (this.thread) this.openThread(null);
      else this.main.box.focus();
    }
  }
}

globalThis.imagine = new App();
