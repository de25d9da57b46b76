/** Behind the scenes: each job's timeline as it happens, the provider's numbers, every API call, and faults to inject. */

import { fill, h, icon, patch, patchList } from "./dom.js";

const STAGES = ["asked", "queued", "sent", "running", "done", "fetched", "uploaded", "delivered"];
const MEANING = {
  asked: "A person asked", queued: "Its message stands in the channel", sent: "Accepted by the image API", running: "Being drawn",
  done: "Drawn; the links are ticking", fetched: "The bytes are ours", uploaded: "Slack holds the bytes", delivered: "Visible in the thread",
};
const TABS = [["jobs", "Jobs"], ["traffic", "Traffic"], ["faults", "Break it"]];

/** The right-hand panel. `options` is {store, actions, close}. */
export class Panel {
  constructor(root, { store, actions, close }) {
    Object.assign(this, { root, store, actions, tab: "jobs" });
    this.tabs = h("div.tabs", { role: "tablist" }, ...TABS.map(([name, words]) => h("button", {
      type: "button", role: "tab", id: `tab-${name}`, data: { tab: name, focus: `tab:${name}` }, onclick: () => this.open(name),
    }, words)));
    this.body = h("div.panel-body", { role: "tabpanel", tabIndex: 0 });
    fill(root, h("header.head", {}, this.tabs, h("span.grow"), h("button.round", {
      type: "button", aria: { label: "Close" }, onclick: close,
    }, icon("close"))), this.body);
    this.open("jobs");
    setInterval(() => this.tick(), 100);
  }

  open(name) {
    this.tab = name;
    for (const tab of this.tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
    this.parts = { jobs: () => this.makeJobs(), traffic: () => this.makeTraffic(), faults: () => this.makeFaults() }[name]();
    this.draw();
  }

  draw() {
    if (!this.store.data || this.root.hidden) return;
    this.parts();
  }

  // Jobs --------------------------------------------------------------------------------------------------------

  makeJobs() {
    const list = h("div.jobs");
    const none = h("p.nothing", {}, "No job yet. Ask for a picture and watch its way here, stage by stage.");
    fill(this.body, none, list);
    return () => {
      const jobs = [...this.store.data.jobs].reverse();
      none.hidden = jobs.length > 0;
      patchList(list, jobs, {
        key: (job) => job.key, sign: (job) => JSON.stringify([job, job === jobs[0]]), draw: (job) => this.job(job, job === jobs[0]),
      });
    };
  }

  job(job, newest) {
    const finished = "delivered" in job.marks;
    const reached = STAGES.filter((stage) => stage in job.marks);
    const cancelled = job.problem === "cancelled";
    const state = cancelled ? "gone" : job.problem ? "bad" : finished ? "good" : "busy";
    return h(`article.job.${state}`, {},
      h("header", {}, h("button.prompt", { type: "button", title: "Show its thread", data: { focus: `job:${job.key}` },
        onclick: () => this.actions.goTo(job.channel, job.thread) }, job.prompt || "(a picture)"),
      h("span.state", {}, cancelled ? "cancelled" : job.problem ? "trouble" : finished ? `${job.pictures} ${job.pictures === 1 ? "picture" : "pictures"}` : reached.at(-1))),
      h("div.meta", {}, job.user ? this.store.person(job.user) : "", job.again ? " · again" : "",
        job.submits > 1 ? ` · sent ${job.submits} times` : "", job.polls ? ` · ${job.polls} ${job.polls === 1 ? "poll" : "polls"}` : "",
        job.copies ? ` · shown again ${job.copies === 1 ? "once" : `${job.copies} times`}` : "", ` · `, h("span.total", this.live(job), "")),
      this.bar(job, reached),
      job.problem && !cancelled && h("p.problem", {}, job.problem),
      h("details.story", { open: newest || (state === "busy" && "sent" in job.marks) }, h("summary", {}, "Every stage"),
        h("ol.stages", {}, ...this.steps(job, reached).map((stage) => this.stage(job, stage, reached)))));
  }

  /** What it went through, and what is still to come; a form or a set may begin without an ask that was seen. */
  steps(job, reached) {
    const last = STAGES.indexOf(reached.at(-1));
    return job.problem ? reached : STAGES.filter((stage, index) => stage in job.marks || index > last);
  }

  live(job) {
    const end = job.marks.delivered;
    return { data: { from: String(this.start(job)), ...(end ? { to: String(end) } : job.problem ? { to: String(Math.max(...Object.values(job.marks))) } : {}) } };
  }

  start(job) { return Math.min(...Object.values(job.marks)); }

  bar(job, reached) {
    const total = "delivered" in job.marks ? job.marks.delivered - this.start(job) : null;
    const parts = reached.map((stage, index) => {
      const until = reached[index + 1] ? job.marks[reached[index + 1]] : null;
      if (until === null && (total !== null || job.problem)) return null;
      const props = until === null
        ? { data: { from: String(job.marks[stage]) }, title: MEANING[stage] }
        : { style: { "flex-grow": String(1 + 1000 * (until - job.marks[stage])) }, title: `${stage} → ${reached[index + 1]}: ${seconds(until - job.marks[stage])}` };
      return h(`i.part.${stage}${until === null ? ".growing" : ""}`, props);
    });
    return h("div.bar", { role: "img", aria: { label: total === null ? "In progress" : `Took ${seconds(total)}` } }, ...parts);
  }

  stage(job, stage, reached) {
    const at = job.marks[stage];
    const index = reached.indexOf(stage);
    const before = index > 0 ? job.marks[reached[index - 1]] : null;
    const state = at !== undefined ? "reached" : "open";
    return h(`li.${state}`, { title: MEANING[stage] }, h(`i.key.${stage}`), h("span", {}, stage),
      h("span.plus", {}, before === null || at === undefined ? "" : `+${seconds(at - before)}`),
      h("span.at", {}, at === undefined ? "" : seconds(at - this.start(job))));
  }

  /** Let the clocks of unfinished jobs run. */
  tick() {
    if (this.root.hidden || this.tab !== "jobs" || !this.store.data) return;
    for (const node of this.body.querySelectorAll(".total")) {
      const to = node.dataset.to ? Number(node.dataset.to) : this.store.now;
      node.textContent = seconds(Math.max(0, to - Number(node.dataset.from)));
    }
    for (const node of this.body.querySelectorAll(".growing")) {
      node.style.flexGrow = String(1 + 1000 * Math.max(0, this.store.now - Number(node.dataset.from)));
    }
  }

  // Traffic -----------------------------------------------------------------------------------------------------

  makeTraffic() {
    const numbers = h("div.numbers");
    const chart = h("div.chart");
    const log = h("div.log", { role: "log", aria: { label: "API calls" } });
    fill(this.body, h("h2", {}, "Image API"), numbers, chart, h("h2", {}, "Every call, newest first"),
      h("p.small.sides", {}, h("i.side.slack"), " Slack  ", h("i.side.images"), " image API"), log);
    return () => {
      const { provider, log: lines } = this.store.data;
      patch(numbers, [provider.running, provider.peak, provider.slots, provider.submitted, provider.refused, provider.sockets], () => this.numbers(numbers, provider));
      patch(chart, provider.calls, () => this.chart(chart, provider));
      patchList(log, [...lines].reverse(), { key: (line) => String(line.n), sign: (line) => `${line.times}`, draw: (line) => this.line(line) });
    };
  }

  numbers(node, provider) {
    const cell = (value, words) => h("div.number", {}, h("b", {}, String(value)), h("span", {}, words));
    const slots = Array.from({ length: Math.min(12, Math.max(provider.slots, provider.running)) },
      (_, index) => h(`i.slot${index < provider.running ? ".taken" : ""}`));
    fill(node, h("div.slots", {}, ...slots, h("span", {}, `${provider.running} of ${provider.slots} ${provider.slots === 1 ? "slot" : "slots"} in use, at most ${provider.peak} so far`)),
      cell(provider.submitted, "accepted"), cell(provider.refused, "refused"), cell(provider.sockets, provider.sockets === 1 ? "bot socket" : "bot sockets"));
  }

  chart(node, provider) {
    const { submit, query } = provider.calls;
    const most = Math.max(provider.rate, ...submit, ...query);
    fill(node, h("div.limit", { title: `The limit: ${provider.rate} a second for each action` }),
      h("div.columns", { role: "img", aria: { label: "Requests in each of the last sixty seconds" } }, ...query.map((count, index) => h("i.column", {},
        h("i.query", { style: { height: `${(count / most) * 100}%` } }), h("i.submit", { style: { height: `${(submit[index] / most) * 100}%` } })))),
      h("div.legend", {}, h("i.key.query"), `polls, now ${query.at(-1)}/s`, h("i.key.submit"), "submits", h("span.grow"), `limit ${provider.rate}/s`));
    node.querySelector(".limit").style.bottom = `calc(26px + ${(provider.rate / most) * 72}px)`;
  }

  line(line) {
    const time = new Date(line.at * 1000).toLocaleTimeString(undefined, { hour12: false });
    const side = line.side === "slack" ? "Slack" : "image API";
    return h(`div.call${line.error ? ".error" : ""}`, { title: `${side}, ${time}` }, h(`i.side.${line.side}`, { role: "img", aria: { label: side } }),
      h("span.method", {}, line.name), line.times > 1 && h("span.times", {}, `×${line.times}`), h("time", {}, time), line.error && h("span.code", {}, line.error));
  }

  // Faults ------------------------------------------------------------------------------------------------------

  makeFaults() {
    const bot = h("div.bot-card");
    const board = h("div.board");
    fill(this.body, bot, board);
    return () => {
      patch(bot, this.store.data.bot, () => this.bot(bot, this.store.data.bot));
      patch(board, this.store.data.faults, () => this.board(board, this.store.data.faults));
    };
  }

  bot(node, bot) {
    if (!bot) return fill(node, h("h2", {}, "The bot"), h("p.nothing", {}, "Started without a bot: connect your own."));
    const act = (action, words, style = "") => h(`button.action${style}`, { type: "button", data: { focus: `bot:${action}` }, onclick: () => this.actions.bot(action) }, words);
    const words = bot.alive ? `Runs as process ${bot.pid}` : bot.died ? `Ended with code ${bot.code}` : "Stopped";
    return fill(node, h("h2", {}, "The bot"),
      h("p", {}, h(`i.dot${bot.alive ? ".on" : ".bad"}`), ` ${words}`, bot.starts > 1 ? ` (start ${bot.starts})` : ""),
      h("div.row", {}, bot.alive ? [act("kill", "Kill it", ".danger"), act("restart", "Restart it")] : act("start", "Start it", ".primary")),
      h("p.small", {}, bot.alive ? "Kill it in the middle of a job, then start it: nothing may be lost." : "Its jobs wait in its database."),
      bot.lines.length > 0 && h("details", { open: !bot.alive }, h("summary", {}, "What it logged last"), h("pre.lines", {}, bot.lines.join("\n"))));
  }

  board(node, faults) {
    fill(node,
      faults.pending.length > 0 && h("div.pending", {}, h("span", {}, h("strong", {}, "Waiting to happen: "), faults.pending.join("; ")),
        h("button.action", { type: "button", data: { focus: "clear" }, onclick: () => this.actions.fault({ clear: true }) }, "Forget")),
      ...faults.strikes.flatMap(({ title, items }) => [h("h2", {}, title), h("div.strikes", {}, ...items.map((strike) => h("button.strike", {
        type: "button", data: { focus: `strike:${strike.name}` }, onclick: () => this.actions.fault({ strike: strike.name }),
      }, strike.words)))]),
      h("button.action", { type: "button", data: { focus: "release" }, onclick: () => this.actions.fault({ release: true }) }, "Let stuck jobs go on"),
      ...faults.groups.flatMap((group) => [h("h2", {}, group.title), ...group.switches.map((item) => this.control(item))]),
      faults.triggers.length > 0 && h("h2", {}, "Or write it into a prompt"),
      h("dl.triggers", {}, ...faults.triggers.flatMap((trigger) => [h("dt", {}, h("code", {}, trigger.word)), h("dd", {}, trigger.words)])));
  }

  control(item) {
    const focus = `switch:${item.target}:${item.name}`;
    const set = (value) => this.actions.fault({ target: item.target, name: item.name, value });
    const words = h("span.words", {}, item.words, item.hint && h("small", {}, item.hint));
    if (typeof item.value === "boolean") {
      return h("label.switch", {}, words, h("input", { type: "checkbox", role: "switch", checked: item.value, data: { focus }, onchange: (e) => set(e.target.checked) }));
    }
    return h("label.switch", {}, words, h("span.unit", {}, h("input", { type: "number", min: 0, max: item.most || undefined, step: "any", value: item.value, data: { focus },
      onchange: (e) => e.target.value !== "" && set(Number(e.target.value)) }), item.unit));
  }
}

function seconds(value) {
  return value < 10 ? `${value.toFixed(2)} s` : value < 100 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}
