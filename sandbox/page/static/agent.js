/** The app as an agent: what it is doing in a thread, the Stop button, and what it suggests to ask. */

import { fill, h, icon, patch } from "./dom.js";

/** The line above a message box while the app works in this thread. */
export function drawWork(node, { store, channel, thread, actions }) {
  const { sessions, app } = store.data.slack;
  const session = thread && sessions.find((each) => each.channel === channel && each.thread_ts === thread);
  patch(node, [session ?? null, channel, app.stoppable], () => {
    const working = session?.status === "processing";
    const words = session?.words || (working ? "is working…" : session?.status === "suspended" ? "waits for you" : "");
    node.hidden = !words;
    fill(node, words && h("div.work", { role: "status" }, h("i.spinner"), h("span", {}, `${app.name} ${words}`), h("span.grow"),
      working && app.stoppable && h("button.action", { type: "button", data: { focus: "stop" }, onclick: () => actions.stop(channel, thread) }, icon("stop"), "Stop")));
  });
}

/** Suggestions above the message box of the app's own conversation. */
export function drawPrompts(node, { store, room, tab, actions }) {
  const { prompts, app } = store.data.slack;
  const shown = room.kind === "im" && tab === "messages" && Boolean(app.agent) && !app.read_only;
  const here = shown ? prompts.prompts : [];
  patch(node, [here, prompts.title, app.agent, shown], () => {
    node.hidden = !shown;
    fill(node, prompts.title && here.length > 0 && h("p", {}, prompts.title), ...here.map((prompt) => h("button.example", {
      type: "button", data: { focus: `prompt:${prompt.title}` }, onclick: () => actions.prompt(prompt.message, prompts.thread_ts),
    }, prompt.title)), app.agent === "assistant_view" && h("button.example", { type: "button", onclick: () => actions.assistant() }, icon("plus"), "New chat"));
  });
}
