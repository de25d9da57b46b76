/** Small tools to build and patch the page. Text only ever becomes text nodes; no HTML is parsed here. */

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: `h("button.primary", {onclick, aria: {label: "…"}}, "Go")`. Falsy children are left out. */
export function h(selector, props = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  append(node, children);
  return node;
}

function setProp(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "aria") for (const [k, v] of Object.entries(value)) node.setAttribute(`aria-${k}`, String(v));
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
  else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name in node && !["role", "list", "type"].includes(name)) node[name] = value;
  else node.setAttribute(name, value === true ? "" : value);
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child);
  }
}

/** Put `children` in place of everything `node` holds. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

const ICONS = {
  hash: "M9 3 7 21M17 3l-2 18M4 8.5h17M3 15.5h17",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6 6 18",
  panel: "M4 5h16v14H4zM14.5 5v14",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4z",
  reply: "M4 5h16v11h-8.5L7 20v-4H4z",
  smile: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8.5 14c.8 1.3 2 2 3.5 2s2.7-.7 3.5-2M9 9.5v.01M15 9.5v.01",
  send: "M4 12 20 4l-4.5 16-3.5-6.5z",
  left: "M14.5 5 8 12l6.5 7",
  right: "M9.5 5 16 12l-6.5 7",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  plus: "M12 5v14M5 12h14",
  down: "M6.5 9.5 12 15l5.5-5.5",
  dots: "M12 4.7a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2zM12 11.4a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2zM12 18.1a.6.6 0 1 0 0 1.2.6.6 0 0 0 0-1.2z",
  clip: "M19.5 11.5l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.3 4.3l-8 8a1.5 1.5 0 0 1-2.1-2.1l7-7",
  bolt: "M13 3 5 13.5h6L10.5 21 19 10.5h-6z",
  play: "M7 4.5v15l12-7.5z",
  stop: "M7 7h10v10H7z",
};

/** A line icon by name, hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [k, v] of Object.entries({ viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" })) svg.setAttribute(k, v);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const signs = new WeakMap();

/** Make `parent` hold one element for each item, touching only those whose `sign` changed; focus survives. */
export function patchList(parent, items, { key, sign, draw }) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const wanted = sign(item);
    let node = old.get(name);
    old.delete(name);
    if (!node || signs.get(node) !== wanted) {
      const fresh = draw(item, Boolean(node));
      fresh.dataset.key = name;
      signs.set(fresh, wanted);
      if (node) {
        swap(node, fresh);
        if (place === node) place = fresh;
      }
      node = fresh;
    }
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const gone of old.values()) gone.remove();
}

function swap(node, fresh) {
  const active = node.contains(document.activeElement) ? document.activeElement : null;
  const focus = active?.dataset?.focus;
  node.replaceWith(fresh);
  if (!active) return;
  const target = focus ? fresh.querySelector(`[data-focus="${CSS.escape(focus)}"]`) : null;
  (target ?? (fresh.tabIndex >= 0 ? fresh : null))?.focus({ preventScroll: true });
}

/** Run `draw` only when `value` differs from what this `node` was last drawn from. */
export function patch(node, value, draw) {
  const wanted = JSON.stringify(value);
  if (signs.get(node) === wanted) return;
  signs.set(node, wanted);
  const active = node.contains(document.activeElement) ? document.activeElement?.dataset?.focus : null;
  draw();
  if (active) node.querySelector(`[data-focus="${CSS.escape(active)}"]`)?.focus({ preventScroll: true });
}
