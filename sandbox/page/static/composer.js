/** The message box: Enter sends, `/` offers the app's commands with their usage, `@` offers people, ↑ brings back the last words. */

import { fill, h, icon } from "./dom.js";
import { menu } from "./menus.js";

/** One message box. `options` is {id, label, inThread, send(text, files), attach(file), extras(), commands(), people()}. */
export class Composer {
  constructor(root, options) {
    this.options = options;
    this.past = [];
    this.pick = 0;
    this.choices = [];
    this.drafts = new Map();
    this.files = [];
    this.box = h("textarea", {
      id: options.id, rows: 1, spellcheck: true, autocomplete: "off",
      aria: { label: options.label, autocomplete: "list", controls: `${options.id}-choices`, expanded: false }, role: "combobox",
      oninput: () => this.changed(), onkeydown: (event) => this.key(event), onblur: () => setTimeout(() => this.offer([]), 120),
      onfocus: () => this.changed(), onpaste: (event) => this.attach([...event.clipboardData.files], event),
    });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, aria: { label: "Files to attach" }, onchange: () => this.attach([...this.picker.files]) });
    this.plus = h("button.round.plus", { type: "button", aria: { label: "Attach a file, or start something", haspopup: "menu" }, data: { focus: `${options.id}-plus` }, onclick: () => this.more() }, icon("plus"));
    this.given = h("div.given", { hidden: true });
    this.menu = h("div.choices", { id: `${options.id}-choices`, role: "listbox", hidden: true });
    this.hint = h("div.hint", { aria: { live: "polite" } });
    this.button = h("button.send", { type: "button", aria: { label: "Send" }, disabled: true, onclick: () => this.submit() }, icon("send"));
    fill(root, h("div.composer", {}, this.menu, h("div.field", {
      ondragover: (event) => event.preventDefault(), ondrop: (event) => this.attach([...event.dataTransfer.files], event),
    }, this.plus, h("div.writing", {}, this.given, this.box), this.button), this.picker, this.hint));
    this.changed();
  }

  /** Set the grey words in the empty box, and keep one draft for each `place`. */
  at(place, placeholder) {
    this.box.placeholder = placeholder;
    if (place === this.place) return;
    if (this.place !== undefined) this.drafts.set(this.place, this.box.value);
    this.place = place;
    this.box.value = this.drafts.get(place) ?? "";
    this.changed();
  }

  /** Write `text` into the box and put the cursor behind it. */
  fillIn(text) {
    this.box.value = text;
    this.box.focus();
    this.box.setSelectionRange(text.length, text.length);
    this.changed();
  }

  changed() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 220)}px`;
    this.button.disabled = !this.box.value.trim() && !this.files.length;
    const focused = document.activeElement === this.box;
    this.offer(focused ? this.matches() : []);
    this.explain();
  }

  matches() {
    const before = this.box.value.slice(0, this.box.selectionStart);
    const command = /^(\/\S*)$/.exec(before);
    if (command && !this.options.inThread) {
      return this.options.commands().filter(({ command: name }) => name.startsWith(command[1]) && name !== before)
        .map((c) => ({ words: c.command, note: c.usage_hint || "", more: c.description || "", put: `${c.command} `, from: 0 }));
    }
    const at = /(^|\s)@([\w.-]*)$/.exec(before);
    if (!at) return [];
    const start = before.length - at[2].length - 1;
    return this.options.people().filter((user) => user.name.toLowerCase().startsWith(at[2].toLowerCase()))
      .map((user) => ({ words: `@${user.name}`, note: user.is_bot ? "app" : "", more: user.real_name || "", put: `@${user.name} `, from: start }));
  }

  offer(choices) {
    this.choices = choices;
    this.pick = 0;
    this.menu.hidden = !choices.length;
    this.box.setAttribute("aria-expanded", String(choices.length > 0));
    if (choices.length) this.drawChoices();
  }

  drawChoices() {
    fill(this.menu, ...this.choices.map((choice, index) => h(`div.choice${index === this.pick ? ".on" : ""}`, {
      role: "option", id: `${this.options.id}-choice-${index}`, aria: { selected: index === this.pick },
      onpointerdown: (event) => {
        event.preventDefault();
        this.take(choice);
      },
    }, h("strong", {}, choice.words), h("span.note", {}, choice.note), h("span.more", {}, choice.more))));
    this.box.setAttribute("aria-activedescendant", `${this.options.id}-choice-${this.pick}`);
  }

  take(choice) {
    const end = this.box.selectionStart;
    const text = this.box.value.slice(0, choice.from) + choice.put + this.box.value.slice(end);
    this.fillIn(text);
  }

  explain() {
    const name = this.box.value.split(/\s/)[0];
    const found = this.options.inThread ? null : this.options.commands().find((c) => c.command === name);
    if (found) return fill(this.hint, h("b", {}, found.command), ` ${found.usage_hint || ""}`);
    const keys = this.box.value ? [h("kbd", {}, "Enter"), " to send, ", h("kbd", {}, "Shift Enter"), " for a new line"] : [];
    return fill(this.hint, ...keys);
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (this.choices.length && this.choose(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.box.value && this.past.length) {
      event.preventDefault();
      this.fillIn(this.past.at(-1));
    }
  }

  choose(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.pick = (this.pick + step + this.choices.length) % this.choices.length;
    else if (event.key === "Tab" || event.key === "Enter") this.take(this.choices[this.pick]);
    else if (event.key === "Escape") this.offer([]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    if (step) this.drawChoices();
    return true;
  }

  more() {
    menu(this.plus, "Attach or start", [
      { words: "Upload from this computer", note: "Pictures for the app, or for each other", icon: "clip", run: () => this.picker.click() }, ...this.options.extras(),
    ]);
  }

  async attach(files, event) {
    if (!files.length) return;
    event?.preventDefault();
    for (const file of files) {
      const given = await this.options.attach(file);
      if (given) this.files.push(given);
    }
    this.picker.value = "";
    this.showFiles();
  }

  showFiles() {
    this.given.hidden = !this.files.length;
    fill(this.given, ...this.files.map((file) => h("span.chip-choice", {}, file.name, h("button", {
      type: "button", aria: { label: `Remove ${file.name}` },
      onclick: () => {
        this.files = this.files.filter((each) => each !== file);
        this.showFiles();
      },
    }, icon("close")))));
    this.changed();
  }

  async submit() {
    const text = this.box.value.trim();
    if (!text && !this.files.length) return;
    const command = text.startsWith("/");
    const files = command ? [] : this.files;
    if (text) this.past.push(text);
    this.box.value = "";
    if (!command) this.files = [];
    this.showFiles();
    const kept = await this.options.send(text, files.map((file) => file.file));
    if (kept !== false) return;
    this.files = files.length ? files : this.files;
    this.showFiles();
    if (!this.box.value) this.fillIn(text);
  }
}
