/** Small menus under what opened them: deeds by name, and emoji by picture or by name. */

import { fill, h, icon } from "./dom.js";
import { emoji, knownNames, PICKER } from "./emoji.js";

/** Open `node` as a floating menu at `anchor`; returns a function that closes it and gives the focus back. */
function float(node, anchor) {
  document.querySelector(".picker")?.remove();
  const close = (event) => {
    if (event && node.contains(event.target)) return;
    node.remove();
    document.removeEventListener("pointerdown", close, true);
    anchor.focus({ preventScroll: true });
  };
  (anchor.closest("dialog") ?? document.body).append(node);
  const box = anchor.getBoundingClientRect();
  const below = box.bottom + 6 + node.offsetHeight < innerHeight;
  node.style.left = `${Math.max(8, Math.min(box.left, innerWidth - node.offsetWidth - 8))}px`;
  node.style.top = `${below ? box.bottom + 6 : Math.max(8, box.top - node.offsetHeight - 6)}px`;
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  document.addEventListener("pointerdown", close, true);
  return close;
}

function walk(event, all, steps) {
  const step = steps[event.key];
  if (!step || !all.length) return;
  event.preventDefault();
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
}

/** A list of things to do: each item is {words, note, icon, run}; a null is a line between them. */
export function menu(anchor, label, items) {
  const rows = items.map((item) => (item === null ? h("hr") : h("button.deed", {
    type: "button", role: "menuitem",
    onclick: () => {
      close();
      item.run();
    },
  }, item.icon && icon(item.icon), h("span", {}, h("b", {}, item.words), item.note && h("small", {}, item.note)))));
  const node = h("div.picker.menu-list", { role: "menu", aria: { label } }, ...rows);
  const close = float(node, anchor);
  const buttons = [...node.querySelectorAll("button")];
  node.addEventListener("keydown", (event) => walk(event, buttons, { ArrowDown: 1, ArrowUp: -1 }));
  buttons[0]?.focus();
}

/** Reactions: a few at once, any other by its name, known to this page or not. Calls `choose(name)` once. */
export function pickEmoji(anchor, choose) {
  const take = (name) => {
    close();
    choose(name);
  };
  const faces = h("div.faces-grid");
  const search = h("input", {
    type: "text", placeholder: "Any emoji, by name", maxLength: 100, aria: { label: "Name of an emoji" }, autocomplete: "off",
    oninput: () => show(search.value.trim().replaceAll(":", "")),
    onkeydown: (event) => {
      const name = search.value.trim().replaceAll(":", "").toLowerCase();
      if (event.key === "Enter" && name) take(name);
    },
  });
  const show = (text) => {
    const found = text ? knownNames().filter((name) => name.includes(text.toLowerCase())).slice(0, 30) : PICKER;
    fill(faces, ...found.map((name) => h("button", {
      type: "button", role: "menuitem", title: `:${name}:`, aria: { label: name.replaceAll("_", " ") }, onclick: () => take(name),
    }, emoji(name))), text && !found.includes(text) && h("button.by-name", { type: "button", onclick: () => take(text.toLowerCase()) }, `:${text}:`));
  };
  show("");
  const node = h("div.picker.emoji-picker", { role: "menu", aria: { label: "Pick a reaction" } }, faces, search);
  const close = float(node, anchor);
  node.addEventListener("keydown", (event) => event.target !== search && walk(event, [...faces.children], { ArrowRight: 1, ArrowLeft: -1 }));
  faces.firstElementChild.focus();
}
