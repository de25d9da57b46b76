/** A searchable choice of one or several: a box to type into, a list below it, chips for what was chosen. */

import { fill, h, icon } from "./dom.js";

let count = 0;

/**
 * `options`: {id, label, placeholder, multiple, most, clearable, chosen: [{value, words}],
 * load(text) -> Promise<[{title, options: [{value, words, note}]}]>, change(values, node)}.
 */
export function chooser(options) {
  return new Chooser(options).root;
}

class Chooser {
  constructor(options) {
    this.options = options;
    this.chosen = [...options.chosen];
    this.groups = [];
    this.at = 0;
    this.list = h("div.options", { id: `options-${++count}`, role: "listbox", aria: { label: options.label }, popover: "manual" });
    this.box = h("input", {
      id: options.id, type: "text", role: "combobox", autocomplete: "off", spellcheck: false,
      aria: { expanded: false, controls: this.list.id, autocomplete: "list", label: options.label, ...(options.aria ?? {}) },
      data: { focus: options.id },
      onfocus: () => this.begin(), onclick: () => this.begin(), oninput: () => this.open(this.box.value),
      onblur: () => this.close(), onkeydown: (event) => this.key(event),
    });
    this.chips = h("span.chips");
    this.wipe = h("button.wipe", { type: "button", aria: { label: `Clear ${options.label}` }, onclick: () => this.clear() }, icon("close"));
    this.root = h(`div.chooser${options.multiple ? ".many" : ""}`, { onpointerdown: (event) => event.target === this.root && this.box.focus() },
      this.chips, this.box, this.wipe, icon("down"), this.list);
    this.show();
  }

  show() {
    const { multiple, placeholder, clearable } = this.options;
    const [first] = this.chosen;
    this.box.value = multiple ? "" : first?.words ?? "";
    this.box.placeholder = multiple && first ? "" : placeholder;
    this.wipe.hidden = !clearable || !first || multiple;
    fill(this.chips, ...(multiple ? this.chosen : []).map((each) => h("span.chip-choice", {}, each.words,
      h("button", { type: "button", aria: { label: `Remove ${each.words}` }, onclick: () => this.drop(each) }, icon("close")))));
  }

  /** What is typed next replaces what is chosen, as in a search box. */
  begin() {
    if (this.box.value === this.chosen[0]?.words) this.box.select();
    this.open();
  }

  async open(text = "") {
    const asked = (this.asked = Symbol(text));
    const groups = await this.options.load(text);
    if (asked !== this.asked || document.activeElement !== this.box) return;
    this.groups = groups;
    this.at = Math.max(0, this.flat().findIndex(({ value }) => this.has(value)));
    this.draw();
    if (!this.list.matches(":popover-open")) this.list.showPopover();
    this.place();
    this.box.setAttribute("aria-expanded", "true");
  }

  place() {
    const box = this.root.getBoundingClientRect();
    const room = innerHeight - box.bottom - 12;
    const above = room < 180 && box.top > room;
    Object.assign(this.list.style, {
      left: `${box.left}px`, width: `${box.width}px`, maxHeight: `${Math.min(300, above ? box.top - 12 : room)}px`,
      top: above ? "auto" : `${box.bottom + 4}px`, bottom: above ? `${innerHeight - box.top + 4}px` : "auto",
    });
  }

  flat() {
    return this.groups.flatMap((group) => group.options);
  }

  has(value) {
    return this.chosen.some((each) => each.value === value);
  }

  draw() {
    let index = -1;
    fill(this.list, ...this.groups.flatMap((group) => [group.title && h("div.options-title", {}, group.title), ...group.options.map((option) => {
      const here = ++index;
      return h(`div.option${here === this.at ? ".on" : ""}${this.has(option.value) ? ".chosen" : ""}`, {
        role: "option", id: `${this.list.id}-${here}`, aria: { selected: this.has(option.value) }, data: { value: option.value },
        onpointerdown: (event) => {
          event.preventDefault();
          this.take(option);
        },
      }, h("span", {}, option.words), option.note && h("small", {}, option.note));
    })]), index < 0 && h("div.options-title", {}, "Nothing found"));
    const on = this.list.querySelector(".on");
    on?.scrollIntoView({ block: "nearest" });
    if (on) this.box.setAttribute("aria-activedescendant", on.id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  take(option) {
    const { multiple, most } = this.options;
    if (multiple && this.has(option.value)) return this.drop(option);
    if (multiple && most && this.chosen.length >= most) return this.close();
    this.chosen = multiple ? [...this.chosen, option] : [option];
    this.changed();
    if (!multiple) this.close();
    else this.open();
  }

  drop(option) {
    this.chosen = this.chosen.filter((each) => each.value !== option.value);
    this.changed();
    this.box.focus();
  }

  clear() {
    this.chosen = [];
    this.changed();
    this.box.focus();
  }

  changed() {
    this.show();
    this.options.change(this.chosen, this.root);
  }

  close() {
    this.asked = null;
    if (this.list.matches(":popover-open")) this.list.hidePopover();
    this.box.setAttribute("aria-expanded", "false");
    this.show();
  }

  key(event) {
    const open = this.list.matches(":popover-open");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !open) this.open();
    else if (step) {
      this.at = (this.at + step + this.flat().length) % Math.max(1, this.flat().length);
      this.draw();
    } else if (event.key === "Enter" && open && this.flat()[this.at]) this.take(this.flat()[this.at]);
    else if (event.key === "Escape" && open) this.close();
    else if (event.key === "Backspace" && !this.box.value && this.options.multiple && this.chosen.length) this.drop(this.chosen.at(-1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
