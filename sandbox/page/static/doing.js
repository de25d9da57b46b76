/** What a person does on the page, carried out by the sandbox's server. */

import { textObject } from "./blocks.js";
import { Form } from "./fields.js";
import { post, upload } from "./net.js";
import { confirmWith, toast } from "./overlay.js";
import { openStep } from "./steps.js";

const forms = new Map();

/** Post an action as the present person; say so if it fails. */
async function tell(app, action, body) {
  const answer = await post(action, { as: app.store.me, ...body });
  if (!answer.ok && !Object.keys(answer.errors ?? {}).length) toast(answer.text || answer.error || "That did not work.", "error");
  return answer;
}

/** Everything that can be done, for the drawing code. */
export function actionsOf(app) {
  return {
    openChannel: (id) => app.openChannel(id),
    openThread: (ts) => app.openThread(ts),
    closeThread: () => app.openThread(null),
    openTab: (tab) => app.openTab(tab),
    goTo: (channel, thread) => { app.openChannel(channel); app.openThread(thread); },
    become: (id) => app.become(id),
    toggleDrawer: () => app.toggleDrawer(),
    togglePanel: () => app.togglePanel(),
    toggleTheme: () => app.toggleTheme(),
    fillIn: (text) => app.main.fillIn(text),
    invite: (channel) => tell(app, "invite", { channel }),
    react: (message, channel, name, remove) => tell(app, "react", { channel, ts: message.ts, name, remove }),
    click: (message, channel, part, node, block) => used(app, part, node, { channel, ts: message.ts, block_id: block?.block_id }, "click"),
    act: (view, part, node, block, values) => used(app, part, node, { view: view.id, block_id: block.block_id, values }, "act"),
    formOf: (message, channel) => formOf(app, message, channel),
    submit: (view, values) => post("submit", { as: app.store.me, view: view.id, values }),
    closeView: (view, everything) => tell(app, "close", { view: view.id, everything }),
    shortcut: (callback_id, channel, ts) => tell(app, "shortcut", { callback_id, channel, ts }),
    attach: (file) => attach(app, file),
    runStep: (callback_id, inputs) => post("step", { as: app.store.me, callback_id, inputs }),
    assistant: () => tell(app, "assistant", {}),
    prompt: (text, thread_ts) => tell(app, "say", { channel: app.channel, text, ...(thread_ts ? { thread_ts } : {}) }),
    stop: (channel, thread_ts) => tell(app, "stop", { channel, thread_ts }),
    home: (tab) => tell(app, "home", { tab }),
    fault: (change) => tell(app, "faults", change),
    bot: (action) => tell(app, "bot", { action }),
  };
}

/** How the fields of a view reach the app: its options, the person's files, the conversation that is open. */
export function linksOf(app, view) {
  const suggest = (block, element, text) => post("suggest", { as: app.store.me, view, block_id: block.block_id, action_id: element.action_id, text });
  return { suggest, attach: (file) => attach(app, file), here: () => app.channel };
}

function formOf(app, message, channel) {
  const id = `${app.store.me} ${channel} ${message.ts}`;
  const where = { channel, ts: message.ts };
  const suggest = (block, element, text) => post("suggest", { as: app.store.me, ...where, block_id: block.block_id, action_id: element.action_id, text });
  if (!forms.has(id)) forms.set(id, new Form(`message-${message.ts}`, { suggest, attach: (file) => attach(app, file) }));
  return forms.get(id);
}

async function used(app, part, node, where, deed) {
  if (part.confirm && !(await confirmWith(part.confirm, (text) => textObject(text, { directory: app.store })))) return null;
  if (part.type === "button" && part.url) open(part.url, "_blank", "noopener");
  const button = node instanceof HTMLButtonElement;
  if (button) node.disabled = true;
  node.classList.add("busy");
  const body = { ...where, action_id: part.action_id, value: part.value };
  const answer = await (node.closest("dialog") ? post(deed, { as: app.store.me, ...body }) : tell(app, deed, body));
  if (button) node.disabled = false;
  node.classList.remove("busy");
  const lost = document.activeElement === document.body || document.activeElement?.tagName === "DIALOG";
  if (button && lost && node.isConnected) node.focus({ preventScroll: true });
  return answer;
}

async function attach(app, file) {
  const answer = await upload(app.store.me, file);
  if (!answer.ok) toast(`${file.name}: ${answer.error}`, "error");
  return answer.ok ? answer : null;
}

/** What the “+” beside the message box starts: shortcuts from anywhere, and workflow steps. */
export function extrasOf(app) {
  const { shortcuts, steps } = app.store.data.slack.app;
  const global = shortcuts.filter((each) => each.kind === "global").map((each) => ({
    words: each.name, note: each.description, icon: "bolt", run: () => app.actions.shortcut(each.callback_id),
  }));
  const runs = steps.map((step) => ({ words: `Run “${step.title}”`, note: "Workflow step", icon: "play", run: () => openStep(step, app.store, app.actions) }));
  return [...(global.length + runs.length ? [null] : []), ...global, ...runs];
}

/** Send what was typed: a command, or words with files. False if it should stay in the box. */
export async function send(app, text, files, inThread) {
  const command = /^(\/[^\s]+)\s*([\s\S]*)$/.exec(text);
  if (command) return giveCommand(app, command[1], command[2], inThread);
  const answer = await tell(app, "say", { channel: app.channel, text, files, ...(inThread ? { thread_ts: app.thread } : {}) });
  return answer.ok;
}

async function giveCommand(app, name, words, inThread) {
  const { commands } = app.store.data;
  const added = /^@?(\S*)$/.exec(words.trim())?.[1] === app.store.bot()?.name;
  if ((name === "/invite" || name === "/remove") && added) {
    return (await tell(app, "invite", { channel: app.channel, remove: name === "/remove" })).ok;
  }
  if (!commands.some(({ command }) => command === name)) {
    toast(`${name} is not a valid command. Known here: ${commands.map((c) => c.command).join(", ")}.`, "error");
    return false;
  }
  if (inThread) {
    toast(`${name} is not supported in threads. Sorry!`, "error");
    return false;
  }
  const answer = await post("command", { as: app.store.me, channel: app.channel, command: name, text: words });
  if (!answer.ok) toast(answer.text || `${name} failed with the error “${answer.error}”`, "error");
  return answer.ok;
}
