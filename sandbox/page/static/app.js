/** The page: holds what is open, draws each snapshot, and carries out what a person does. */

import { textObject } from "./blocks.js";
import { Composer } from "./composer.js";
import { fill, h, patch } from "./dom.js";
import { drawEmpty, drawHead, drawSidebar, drawThreadHead } from "./lists.js";
import { drawMessages } from "./messages.js";
import { Live, post } from "./net.js";
import { confirmWith, toast } from "./overlay.js";
import { Panel } from "./panel.js";
import { Store } from "./store.js";

const $ = (id) => document.getElementById(id);
const kept = {
  get: (name) => { try { return localStorage.getItem(`imagine.${name}`); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(`imagine.${name}`, value); } catch { /* a private window keeps nothing */ } },
};

class App {
  constructor() {
    this.store = new Store();
    this.channel = decodeURIComponent(location.hash.slice(1)) || null;
    this.thread = null;
    this.seen = new Map();
    this.online = true;
    this.theme(kept.get("theme"));
    this.panelOpen = kept.get("panel") === "open" || (kept.get("panel") === null && innerWidth >= 1280);
    this.actions = this.makeActions();
    this.main = this.composer($("composer"), "composer-main", "Message", false);
    this.reply = this.composer($("thread-composer"), "composer-thread", "Reply in the thread", true);
    this.panel = new Panel($("panel"), { store: this.store, actions: this.actions, close: () => this.actions.togglePanel() });
    this.live = new Live((state) => this.take(state), (online) => this.status(online));
    this.live.as(kept.get("person"));
    document.addEventListener("keydown", (event) => this.key(event));
    $("scrim").addEventListener("click", () => this.drawer(false));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.store.data && this.draw());
  }

  composer(root, id, label, inThread) {
    return new Composer(root, {
      id, label, inThread,
      commands: () => this.store.data?.commands ?? [],
      people: () => this.store.data?.slack.users ?? [],
      send: (text) => this.send(text, inThread),
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
    this.drawChannel(room, first);
    this.drawThread(room, first);
    this.layout();
    this.panel.draw();
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
    this.main.at(room.id, `Message ${room.kind === "im" ? "" : "#"}${this.store.title(room)}, or /imagine something`);
    if (stick) scroll.scrollTop = scroll.scrollHeight;
  }

  drawThread(room, first) {
    const root = this.store.messages(room.id).find((message) => message.ts === this.thread);
    const moved = this.drawnThread !== this.thread || first;
    this.drawnThread = this.thread;
    $("thread").hidden = !root;
    if (!root) return;
    const scroll = $("thread-scroll");
    const stick = moved || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
    patch($("thread-head"), [room.id, this.thread], () => drawThreadHead($("thread-head"), { store: this.store, room, actions: this.actions }));
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

  // What a person does ----------------------------------------------------------------------------------------------

  makeActions() {
    return {
      openChannel: (id) => this.openChannel(id),
      openThread: (ts) => this.openThread(ts),
      closeThread: () => this.openThread(null),
      goTo: (channel, thread) => { this.openChannel(channel); this.openThread(thread); },
      become: (id) => this.become(id),
      toggleDrawer: () => this.drawer($("app").dataset.drawer !== "open"),
      togglePanel: () => this.togglePanel(),
      toggleTheme: () => this.toggleTheme(),
      fillIn: (text) => this.main.fillIn(text),
      invite: (channel) => this.tell("invite", { channel }),
      react: (message, channel, name, remove) => this.tell("react", { channel, ts: message.ts, name, remove }),
      click: (message, channel, part, node) => this.click(message, channel, part, node),
      fault: (change) => this.tell("faults", change),
      bot: (action) => this.tell("bot", { action }),
    };
  }

  /** Post an action as the present person; say so if it fails. */
  async tell(action, body) {
    const answer = await post(action, { as: this.store.me, ...body });
    if (!answer.ok) toast(answer.text || answer.error || "That did not work.", "error");
    return answer;
  }

  async send(text, inThread) {
    const command = /^(\/[^\s]+)\s*([\s\S]*)$/.exec(text);
    if (command) return this.command(command[1], command[2], inThread);
    const answer = await this.tell("say", { channel: this.channel, text, ...(inThread ? { thread_ts: this.thread } : {}) });
    return answer.ok;
  }

  async command(name, words, inThread) {
    const known = this.store.data.commands.some(({ command }) => command === name);
    const added = /^@?(\S*)$/.exec(words.trim())?.[1] === this.store.bot()?.name;
    if ((name === "/invite" || name === "/remove") && added) {
      return (await this.tell("invite", { channel: this.channel, remove: name === "/remove" })).ok;
    }
    if (!known) {
      toast(`${name} is not a valid command. Known here: ${this.store.data.commands.map((c) => c.command).join(", ")}.`, "error");
      return false;
    }
    if (inThread) {
      toast(`${name} is not supported in threads. Sorry!`, "error");
      return false;
    }
    const answer = await post("command", { as: this.store.me, channel: this.channel, command: name, text: words });
    if (!answer.ok) toast(answer.text || `${name} failed with the error “${answer.error}”`, "error");
    return answer.ok;
  }

  async click(message, channel, part, node) {
    if (part.confirm && !(await confirmWith(part.confirm, (text) => textObject(text, { directory: this.store })))) return;
    if (part.url) open(part.url, "_blank", "noopener");
    node.disabled = true;
    node.classList.add("busy");
    const { action_id, value } = part;
    await this.tell("click", { channel, ts: message.ts, action_id, value });
    node.disabled = false;
    node.classList.remove("busy");
  }

  openChannel(id) {
    if (id !== this.channel) this.thread = null;
    this.channel = id;
    history.replaceState(null, "", `#${id}`);
    this.drawer(false);
    this.draw();
    if (innerWidth > 760) this.main.box.focus();
  }

  openThread(ts) {
    this.thread = ts;
    if (ts && innerWidth < 1100 && this.panelOpen) this.panelOpen = false;
    this.draw();
    if (ts && innerWidth > 760) this.reply.box.focus();
  }

  become(id) {
    kept.set("person", id);
    this.thread = null;
    this.live.as(id);
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
