/** Everything that can be filled in, in modals, on the Home tab and in messages; and the memory of what was filled in. */

import { chooser } from "./choosing.js";
import { fill, h, icon } from "./dom.js";
import { unescape } from "./mrkdwn.js";

/** What was filled in on one surface, by block and action; a redraw asks here, so nothing typed is lost. */
export class Form {
  /** `id` starts the ids of its inputs; `links` is {store, suggest(block, element, text), attach(file)}. */
  constructor(id, links) {
    this.id = id;
    this.links = links;
    this.values = new Map();
    this.words = new Map();
    this.errors = {};
  }

  key(block, element) { return `${block.block_id} ${element.action_id}`; }

  get(block, element) {
    const key = this.key(block, element);
    if (!this.values.has(key)) this.values.set(key, this.first(element));
    return this.values.get(key);
  }

  set(block, element, value) { this.values.set(this.key(block, element), value); }

  /** What the element begins with, as a plain value. */
  first(element) {
    if (element.initial_options) return element.initial_options.map((option) => option.value);
    if (element.initial_option) return element.initial_option.value;
    const name = Object.keys(element).find((each) => each.startsWith("initial_"));
    if (name) return element[name];
    return element.default_to_current_conversation ? this.links.here?.() ?? null : null;
  }

  /** The values of these blocks, as the sandbox takes them. */
  filled(blocks) {
    const found = {};
    for (const block of blocks) {
      for (const element of [block.element, block.accessory, ...(block.elements ?? [])]) {
        if (element && isField(element)) found[this.key(block, element)] = this.get(block, element);
      }
    }
    return found;
  }
}

/** Whether the element holds a value. */
export function isField(element) {
  return element.type in FIELDS;
}

/** Whether a change of this element is told to the app at once. */
function dispatches(block, moment) {
  if (block.type !== "input") return true;
  const wanted = block.element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  return Boolean(block.dispatch_action) && (moment === "chosen" || wanted.includes(moment));
}

/** Draw one element that holds a value. `context` has {form, act, directory}. */
export function field(element, context, block) {
  const { form } = context;
  const id = `${form.id}-${block.block_id}-${element.action_id}`;
  const wrong = form.errors[block.block_id];
  const change = (value, node, moment = "chosen") => {
    form.set(block, element, value);
    if (dispatches(block, moment)) context.act({ ...element, value }, node, block);
  };
  const aria = {
    ...(block.type === "input" ? {} : { label: element.placeholder?.text || element.action_id }),
    ...(wrong ? { invalid: true, describedby: `${id}-error` } : {}), ...(block.type === "input" && !block.optional ? { required: true } : {}),
  };
  return FIELDS[element.type]({ element, context, block, id, change, aria, value: form.get(block, element) });
}

// typing ------------------------------------------------------------------------------------------------------------

function typed(type) {
  return ({ element, id, change, aria, value, block, context }) => {
    const long = element.multiline;
    const node = h(long ? "textarea.input" : "input.input", {
      id, ...(long ? { rows: 4 } : { type }), value: value ?? "", placeholder: element.placeholder?.text ?? "", aria, autocomplete: "off",
      data: { focus: id, ...(element.focus_on_load ? { first: "yes" } : {}) }, ...(element.max_length ? { maxLength: element.max_length } : {}),
      oninput: () => {
        change(node.value, node, "on_character_entered");
        if (long) grow(node);
      },
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.isComposing || long) return;
        if (block.dispatch_action) change(node.value, node, "on_enter_pressed");
        else if (block.type === "input") context.submit?.();
        event.preventDefault();
      },
    });
    if (long) requestAnimationFrame(() => grow(node));
    return node;
  };
}

function grow(node) {
  node.style.height = "auto";
  node.style.height = `${Math.min(260, node.scrollHeight + 2)}px`;
}

function richText({ id, change, aria, value, element }) {
  const plain = value?.elements?.flatMap((part) => part.elements.map((piece) => piece.text ?? "")).join("") ?? "";
  const node = h("textarea.input", {
    id, rows: element.min_lines ?? 3, value: plain, placeholder: element.placeholder?.text ?? "", aria, data: { focus: id },
    oninput: () => change(node.value ? { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: node.value }] }] } : null,
      node, "on_character_entered"),
  });
  return node;
}

// choosing ----------------------------------------------------------------------------------------------------------

const option = (one) => ({ value: one.value, words: unescape(one.text.text), note: one.description && unescape(one.description.text) });

function listed(element) {
  const groups = element.option_groups?.map((group) => ({ title: group.label.text, options: group.options.map(option) }));
  return groups ?? [{ title: "", options: (element.options ?? []).map(option) }];
}

function matching(groups, text) {
  const wanted = text.trim().toLowerCase();
  const fits = ({ words, note }) => `${words} ${note ?? ""}`.toLowerCase().includes(wanted);
  return groups.map((group) => ({ ...group, options: group.options.filter(fits) })).filter((group) => group.options.length);
}

const SOURCES = {
  static: ({ element }) => async (text) => matching(listed(element), text),
  external: ({ element, context, block }) => async (text) => {
    if (text.length < (element.min_query_length ?? 3)) return [{ title: `Type at least ${element.min_query_length ?? 3} characters`, options: [] }];
    const offer = await context.form.links.suggest(block, element, text);
    if (!offer.ok) return [{ title: offer.text || offer.error, options: [] }];
    return listed(offer.option_groups.length ? offer : { options: offer.options });
  },
  users: ({ context }) => async (text) => matching([{ title: "", options: context.directory.data.slack.users
    .map((user) => ({ value: user.id, words: user.real_name || user.name, note: user.is_bot ? "app" : "" })) }], text),
  channels: ({ context }) => async (text) => matching([{ title: "", options: rooms(context, (room) => room.kind === "public") }], text),
  conversations: ({ context, element }) => async (text) => {
    const only = element.filter?.include;
    return matching([{ title: "", options: rooms(context, (room) => !only || only.includes(room.kind)) }], text);
  },
};

function rooms({ directory }, fits) {
  return [...directory.channels.values()].filter(fits).map((room) => ({ value: room.id, words: room.kind === "im" ? directory.title(room) : `#${room.name}` }));
}

function select(source, multiple) {
  return (all) => {
    const { element, context, block, id, change, aria, value } = all;
    const { form } = context;
    const load = SOURCES[source](all);
    const first = [element.initial_option, ...(element.initial_options ?? [])].filter(Boolean).map(option);
    const everything = () => [...listed(element).flatMap((group) => group.options), ...first, ...(form.words.get(form.key(block, element)) ?? []),
      ...(source === "users" || source === "channels" || source === "conversations" ? named(context) : [])];
    const known = (one) => everything().find((each) => each.value === one) ?? { value: one, words: one };
    return chooser({
      id, multiple, aria, label: block.label?.text ?? element.placeholder?.text ?? element.action_id, most: element.max_selected_items,
      placeholder: element.placeholder?.text ?? (source === "external" ? "Search…" : "Choose…"), clearable: block.optional,
      chosen: (multiple ? value ?? [] : value ? [value] : []).map(known), load,
      change: (chosen, node) => {
        form.words.set(form.key(block, element), chosen);
        change(multiple ? chosen.map((each) => each.value) : chosen[0]?.value ?? null, node);
      },
    });
  };
}

function named(context) {
  const people = context.directory.data.slack.users.map((user) => ({ value: user.id, words: user.real_name || user.name }));
  return [...people, ...rooms(context, () => true)];
}

function boxes(kind) {
  return ({ element, id, change, aria, value }) => {
    const has = (one) => (kind === "radio" ? value === one : (value ?? []).includes(one));
    const node = h("div.boxes", { role: kind === "radio" ? "radiogroup" : "group", aria }, ...element.options.map(option).map((one, index) => h("label.box", {},
      h("input", {
        type: kind, name: id, value: one.value, checked: has(one.value), id: index ? `${id}-${index}` : id, data: { focus: `${id}-${index}` },
        onchange: () => {
          const on = [...node.querySelectorAll("input:checked")].map((each) => each.value);
          change(kind === "radio" ? on[0] ?? null : on, node);
        },
      }), h("span", {}, one.words, one.note && h("small", {}, one.note)))));
    return node;
  };
}

function moment(type, toValue, fromValue) {
  return ({ id, change, aria, value }) => {
    const node = h("input.input.short", { id, type, value: value === null ? "" : fromValue(value), aria, data: { focus: id }, onchange: () => change(node.value ? toValue(node.value) : null, node) });
    return node;
  };
}

function files({ element, context, block, id, change, aria, value }) {
  const { form } = context;
  const kept = () => form.words.get(form.key(block, element)) ?? (value ?? []).map((one) => ({ value: one, words: one }));
  const most = element.max_files ?? 10;
  const list = h("div.given");
  const put = (all) => {
    form.words.set(form.key(block, element), all);
    change(all.map((each) => each.value), list);
    show();
  };
  const show = () => fill(list, ...kept().map((each) => h("span.chip-choice", {}, each.words,
    h("button", { type: "button", aria: { label: `Remove ${each.words}` }, onclick: () => put(kept().filter((one) => one !== each)) }, icon("close")))));
  const input = h("input", {
    id, type: "file", multiple: most > 1, accept: (element.filetypes ?? []).map((type) => `.${type}`).join(","), aria, data: { focus: id },
    onchange: async () => {
      const fresh = [];
      for (const file of input.files) {
        const given = await form.links.attach(file);
        if (given) fresh.push({ value: given.file, words: given.name });
      }
      input.value = "";
      put([...kept(), ...fresh].slice(-most));
    },
  });
  show();
  return h("div.file-input", {}, h("label.action", { htmlFor: id }, icon("clip"), most > 1 ? "Add files" : "Choose a file"), input, list);
}

const FIELDS = {
  plain_text_input: typed("text"), email_text_input: typed("email"), url_text_input: typed("url"), number_input: typed("text"), rich_text_input: richText,
  static_select: select("static", false), multi_static_select: select("static", true),
  external_select: select("external", false), multi_external_select: select("external", true),
  users_select: select("users", false), multi_users_select: select("users", true),
  channels_select: select("channels", false), multi_channels_select: select("channels", true),
  conversations_select: select("conversations", false), multi_conversations_select: select("conversations", true),
  radio_buttons: boxes("radio"), checkboxes: boxes("checkbox"),
  datepicker: moment("date", (text) => text, (value) => value), timepicker: moment("time", (text) => text, (value) => value),
  datetimepicker: moment("datetime-local", (text) => Math.round(new Date(text) / 1000), (value) => new Date(value * 1000).toISOString().slice(0, 16)),
  file_input: files,
};
