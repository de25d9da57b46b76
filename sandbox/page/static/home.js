/** The app's Home tab, and the tabs above its conversation. */

import { renderBlock } from "./blocks.js";
import { fill, h, patch, patchList } from "./dom.js";
import { Form } from "./fields.js";

/** The tabs of a conversation with the app; `tab` is the one that is open. */
export function drawTabs(node, { store, tab, actions }) {
  const { app } = store.data.slack;
  const tabs = [app.home_tab && ["home", "Home"], app.messages_tab && ["messages", "Messages"]].filter(Boolean);
  const show = (step) => actions.openTab(tabs[(tabs.findIndex(([name]) => name === tab) + step + tabs.length) % tabs.length][0]);
  fill(node, ...tabs.map(([name, words]) => h(`button.home-tab${name === tab ? ".on" : ""}`, {
    type: "button", role: "tab", tabIndex: name === tab ? 0 : -1, aria: { selected: name === tab }, data: { focus: `tab:${name}` },
    onclick: () => actions.openTab(name),
    onkeydown: (event) => ({ ArrowRight: () => show(1), ArrowLeft: () => show(-1) })[event.key]?.(),
  }, words)));
}

/** Shows one person's Home tab. `options` is {store, actions, links}. */
export class Home {
  constructor(root, options) {
    Object.assign(this, options, { root });
    this.list = h("div.home-blocks");
    this.empty = h("div");
    fill(root, this.empty, this.list);
  }

  /** Bring it up to date with the snapshot. */
  draw() {
    const view = this.store.data.slack.home;
    const { app } = this.store.data.slack;
    patch(this.empty, [Boolean(view), app.name], () => fill(this.empty, !view && h("div.empty", {}, h("img", { src: "/static/icon.svg", alt: "", width: 72 }),
      h("h2", {}, `This is ${app.name}’s Home`), h("p", {}, "The app has not put anything here yet."))));
    if (this.shown !== view?.id) this.form = view && new Form(`home-${view.id}`, this.links(view.id));
    this.shown = view?.id;
    this.view = view;
    const context = view && {
      directory: this.store, form: this.form, picture: (id) => this.store.pictureUrl(id), sourceOf: (url) => this.store.sourceOf(url),
      act: (part, node, block) => this.actions.act(this.view, part, node, block, this.form.filled(this.view.blocks)),
    };
    patchList(this.list, view?.blocks ?? [], {
      key: (block) => block.block_id, sign: (block) => JSON.stringify([view.id, block, this.store.me]), draw: (block) => h("div.home-block", {}, renderBlock(block, context)),
    });
  }
}
