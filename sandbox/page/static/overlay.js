/** What lies above the page: toasts, dialogs that ask, and the picture viewer. */

import { fill, h, icon } from "./dom.js";

/** Say something for a few seconds; errors stay longer and are announced at once. */
export function toast(text, kind = "info") {
  const node = h(`div.toast.${kind}`, { role: kind === "error" ? "alert" : "status" }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.classList.add("leaving"), kind === "error" ? 7000 : 3500);
  setTimeout(() => node.remove(), kind === "error" ? 7400 : 3900);
}

/** A dialog in front of everything, gone from the page once it is closed. */
export function dialog(className, ...children) {
  const node = h(`dialog.${className}`, { onclose: () => node.remove() }, ...children);
  node.addEventListener("click", (event) => event.target === node && node.close());
  document.body.append(node);
  node.showModal();
  return node;
}

/** Ask as Slack asks with a `confirm` object; resolves to true or false. */
export function confirmWith(confirm, words) {
  return new Promise((resolve) => {
    const style = confirm.style === "danger" ? ".danger" : ".primary";
    const answer = (yes) => () => {
      resolve(yes);
      node.close();
    };
    const node = dialog("confirm",
      h("h2", {}, confirm.title?.text ?? "Are you sure?"),
      h("p", {}, ...words(confirm.text)),
      h("div.row", {},
        h("button.action", { type: "button", onclick: answer(false) }, confirm.deny?.text ?? "Cancel"),
        h(`button.action${style}`, { type: "button", autofocus: true, onclick: answer(true) }, confirm.confirm?.text ?? "Yes"),
      ));
    node.addEventListener("close", () => resolve(false));
  });
}

/** Show pictures large, with title, alt text, arrows and a way to keep them. Each is {src, title, alt}. */
export function lightbox(pictures, start) {
  let at = start;
  const stage = h("div.stage");
  const caption = h("div.caption");
  const go = (step) => {
    at = (at + step + pictures.length) % pictures.length;
    show();
  };
  const show = () => {
    const { src, title, alt } = pictures[at];
    fill(stage, h("img", { src, alt }));
    fill(caption,
      h("div", {}, h("strong", {}, title), h("p", {}, alt)),
      h("span.count", {}, pictures.length > 1 ? `${at + 1} of ${pictures.length}` : ""),
      h("a.action", { href: src, download: `${title || "picture"}.png` }, icon("download"), " Save"));
  };
  const arrow = (name, label, step) => pictures.length > 1
    && h(`button.arrow.${name}`, { type: "button", aria: { label }, onclick: () => go(step) }, icon(name));
  const node = dialog("lightbox",
    h("button.round.shut", { type: "button", aria: { label: "Close" }, onclick: () => node.close() }, icon("close")),
    arrow("left", "Previous picture", -1), stage, arrow("right", "Next picture", 1), caption);
  node.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") go(-1);
    if (event.key === "ArrowRight") go(1);
  });
  show();
}
