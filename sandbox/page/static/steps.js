/** Running a custom workflow step by hand: a form for its inputs, and how the last runs went. */

import { fill, h, icon } from "./dom.js";
import { dialog } from "./overlay.js";

let shown = null;

/** Open the dialog of one step. `store` may change while it is open: `drawRuns` follows it. */
export function openStep(step, store, actions) {
  const inputs = step.inputs.map((parameter) => [parameter, input(parameter, store)]);
  const runs = h("div.runs");
  const wrong = h("p.trouble", { role: "alert" });
  const go = async () => {
    const values = Object.fromEntries(inputs.map(([parameter, node]) => [parameter.name, read(parameter, node)]).filter(([, value]) => value !== null));
    const answer = await actions.runStep(step.callback_id, values);
    fill(wrong, answer.ok ? "" : answer.text || answer.error);
  };
  const node = dialog("confirm.step", h("h2", {}, step.title), h("p.small", {}, step.description),
    ...inputs.map(([parameter, box]) => h("div.field-row", {}, h("label", { htmlFor: box.id }, parameter.title, !parameter.required && h("small", {}, " (optional)")), box,
      parameter.description && h("p.hint-text", {}, parameter.description))), wrong, runs,
    h("div.row", {}, h("button.action", { type: "button", onclick: () => node.close() }, "Close"),
      h("button.action.primary", { type: "button", data: { focus: "run-step" }, onclick: go }, icon("play"), "Run the step")));
  shown = { runs, step };
  node.addEventListener("close", () => { shown = null; });
  drawRuns(store);
}

/** Show how the runs of the open step go. */
export function drawRuns(store) {
  if (!shown) return;
  const runs = store.data.slack.runs.filter((run) => run.step === shown.step.callback_id).reverse();
  fill(shown.runs, runs.length > 0 && h("h3", {}, "Runs"), ...runs.slice(0, 4).map((run) => h(`div.run.${run.state}`, {},
    h("strong", {}, run.state), run.error && h("p", {}, run.error),
    ...Object.entries(run.outputs).map(([name, value]) => h("p", {}, h("b", {}, `${name}: `), typeof value === "string" ? value : JSON.stringify(value))))));
}

function input(parameter, store) {
  const id = `step-${parameter.name}`;
  const kind = parameter.type.split("/").at(-1);
  const select = (options) => h("select.input", { id }, h("option", { value: "" }, "Choose…"), ...options.map(([value, words]) => h("option", { value }, words)));
  if (kind === "channel_id") return select([...store.channels.values()].filter((room) => room.kind !== "im").map((room) => [room.id, `#${room.name}`]));
  if (kind === "user_id") return select(store.people().map((user) => [user.id, user.real_name || user.name]));
  if (kind === "boolean") return h("input", { id, type: "checkbox" });
  return h("input.input", { id, type: "text", autocomplete: "off" });
}

function read(parameter, node) {
  if (parameter.type === "boolean") return node.checked;
  if (!node.value) return null;
  return ["number", "integer"].includes(parameter.type) ? Number(node.value) : node.value;
}
