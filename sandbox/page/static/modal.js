/** The modal on top: drawn from the snapshot, filled in here, submitted to the app; errors stand beside their fields. */

import { renderBlock } from "./blocks.js";
import { fill, h, icon, patchList } from "./dom.js";
import { Form } from "./fields.js";
import { unescape } from "./mrkdwn.js";

/** Shows one person's modals. `options` is {store, actions, links}. */
export class Modal {
  constructor(options) {
    Object.assign(this, options);
    this.forms = new Map();
    this.trouble = "";
    this.node = null;
  }

  /** Bring it up to date with the snapshot. */
  draw() {
    const views = this.store.data.slack.views;
    const view = views.at(-1);
    for (const id of this.forms.keys()) if (!views.some((each) => each.id === id)) this.forms.delete(id);
    if (!view) return this.vanish();
    if (!this.node) this.appear();
    const other = this.view?.id !== view.id;
    if (other) this.trouble = "";
    this.depth = views.length;
    this.view = view;
    this.paint(other);
  }

  appear() {
    this.body = h("div.modal-body");
    this.foot = h("footer.modal-foot");
    this.head = h("header.modal-head");
    this.node = h("dialog.modal", {
      aria: { labelledby: "modal-title" },
      oncancel: (event) => {
        if (event.target !== this.node) return;
        event.preventDefault();
        this.close(true);
      },
      onkeydown: (event) => (event.metaKey || event.ctrlKey) && event.key === "Enter" && this.submit(),
    }, this.head, this.body, this.foot);
    document.body.append(this.node);
    this.node.showModal();
  }

  vanish() {
    if (!this.node) return;
    this.node.close();
    this.node.remove();
    this.node = this.view = null;
  }

  get form() {
    if (!this.forms.has(this.view.id)) this.forms.set(this.view.id, new Form(`modal-${this.view.id}`, this.links(this.view.id)));
    return this.forms.get(this.view.id);
  }

  paint(other) {
    const { view, form } = this;
    if (other) this.body.replaceChildren();
    fill(this.head,
      this.depth > 1 && h("button.round", { type: "button", aria: { label: "Back" }, data: { focus: "modal-back" }, onclick: () => this.close(false) }, icon("left")),
      h("img", { src: "/static/icon.svg", alt: "" }), h("h2", { id: "modal-title" }, unescape(view.title.text)), h("span.grow"),
      h("button.round", { type: "button", aria: { label: "Close" }, data: { focus: "modal-x" }, onclick: () => this.close(true) }, icon("close")));
    patchList(this.body, view.blocks, {
      key: (block) => block.block_id,
      sign: (block) => JSON.stringify([view.id, block, form.errors[block.block_id] ?? ""]),
      draw: (block) => h("div.modal-block", {}, renderBlock(block, this.context())),
    });
    fill(this.foot, h("span.trouble", { role: "alert" }, this.trouble), h("span.grow"),
      h("button.action", { type: "button", data: { focus: "modal-close" }, onclick: () => this.close(false) }, view.close ? unescape(view.close.text) : view.submit ? "Cancel" : "Close"),
      view.submit && h(`button.action.primary${this.busy ? ".busy" : ""}`, { type: "button", disabled: this.busy, data: { focus: "modal-submit" }, onclick: () => this.submit() },
        this.busy && h("i.spinner"), unescape(view.submit.text)));
    if (other) requestAnimationFrame(() => this.focus());
  }

  /** A block outlives an update that leaves it as it was; so what it does asks for the view of that moment. */
  context() {
    const { store } = this;
    return {
      directory: store, form: this.form, picture: (id) => store.pictureUrl(id), sourceOf: (url) => store.sourceOf(url),
      act: (part, node, block) => this.act(this.view, part, node, block), submit: () => this.submit(),
    };
  }

  focus(selector = "[data-first], .input, .chooser input, .box input, .file-input input") {
    (this.body.querySelector(selector) ?? this.foot.querySelector("[data-focus=modal-submit], button"))?.focus();
  }

  async act(view, part, node, block) {
    const answer = await this.actions.act(view, part, node, block, this.form.filled(view.blocks));
    if (this.view?.id !== view.id || !answer) return;
    this.trouble = answer.ok ? "" : answer.text || answer.error;
    this.paint(false);
  }

  async submit() {
    const { view } = this;
    if (!view?.submit || this.busy) return;
    this.busy = true;
    this.trouble = "";
    this.form.errors = {};
    this.paint(false);
    const answer = await this.actions.submit(view, this.form.filled(view.blocks));
    this.busy = false;
    if (this.view?.id !== view.id) return;
    const wrong = this.form;
    wrong.errors = answer.errors ?? {};
    const beside = Object.keys(wrong.errors).length > 0;
    this.trouble = answer.ok || beside ? "" : answer.text || answer.error;
    this.paint(false);
    if (beside) this.focus("[aria-invalid]");
  }

  async close(everything) {
    await this.actions.closeView(this.view, everything);
  }
}
