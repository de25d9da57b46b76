/** Slack's mrkdwn as DOM nodes. User text never becomes HTML: it is cut into pieces and each piece is a text node. */

import { h } from "./dom.js";
import { emoji, knownEmoji } from "./emoji.js";

const CONTROL = /<([@#!])([^>]*)>|<((?:https?:|mailto:)[^>|]*)(?:\|([^>]*))?>/;
const STYLES = [
  { mark: "*", tag: "strong" },
  { mark: "_", tag: "em" },
  { mark: "~", tag: "s" },
];

/** The three entities that Slack knows, and no others. */
export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** A link that is safe to follow, or its words if it is not http, https or mailto. */
export function link(url, ...label) {
  const words = label.length ? label : [url];
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return h("span", {}, ...words);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...words);
}

/** A person, channel or group as a small pill. */
export function mention(kind, id, directory) {
  const name = kind === "#" ? directory.channel(id) : directory.person(id);
  return h(`span.mention${id === directory.me ? ".me" : ""}`, {}, `${kind}${name}`);
}

/** Slack's date tokens in the reader's own time zone; `fallback` where the time makes no sense. */
export function localDate(seconds, format, fallback) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  const show = (options) => new Intl.DateTimeFormat(undefined, options).format(date);
  const day = (options) => dayName(date) ?? show(options);
  const long = { weekday: "long", year: "numeric", month: "long", day: "numeric" };
  const short = { year: "numeric", month: "short", day: "numeric" };
  const plain = { year: "numeric", month: "long", day: "numeric" };
  const tokens = {
    date_num: () => show({ year: "numeric", month: "2-digit", day: "2-digit" }),
    date: () => show(plain), date_pretty: () => day(plain),
    date_short: () => show(short), date_short_pretty: () => day(short),
    date_long: () => show(long), date_long_pretty: () => day(long),
    time: () => show({ hour: "2-digit", minute: "2-digit" }),
    time_secs: () => show({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(date),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => tokens[name]?.() ?? whole);
}

function dayName(date) {
  const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  const days = Math.round((midnight(date) - midnight(new Date())) / 86400000);
  return { "0": "today", "-1": "yesterday", "1": "tomorrow" }[String(days)];
}

function ago(date) {
  const minutes = Math.round((date.getTime() - Date.now()) / 60000);
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(minutes, "minute");
}

/** mrkdwn text as an array of nodes. With `verbatim: false` nothing more is linked: the sandbox shows what was sent. */
export function mrkdwn(text, directory) {
  const nodes = [];
  text.split(/```/).forEach((piece, index) => {
    if (index % 2) nodes.push(h("pre", {}, unescape(piece.replace(/^\n|\n$/g, ""))));
    else nodes.push(...lines(piece, directory));
  });
  return nodes;
}

function lines(text, directory) {
  const nodes = [];
  let quote = null;
  const all = text.split("\n");
  all.forEach((line, index) => {
    const quoted = /^(&gt;|>) ?/.exec(line);
    if (quoted) {
      quote ??= h("blockquote");
      if (quote.childNodes.length) quote.append(h("br"));
      quote.append(...inline(line.slice(quoted[0].length), directory));
      return;
    }
    if (quote) nodes.push(quote);
    else if (index > 0) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(line, directory));
  });
  if (quote) nodes.push(quote);
  return nodes;
}

function inline(text, directory) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const code = /`([^`\n]+)`/.exec(rest);
    const control = CONTROL.exec(rest);
    const first = code && (!control || code.index < control.index) ? code : control;
    if (!first) return [...nodes, ...styled(rest)];
    nodes.push(...styled(rest.slice(0, first.index)));
    nodes.push(first === code ? h("code", {}, unescape(code[1])) : special(first, directory));
    rest = rest.slice(first.index + first[0].length);
  }
  return nodes;
}

function special([, sign, body, url, label], directory) {
  if (url) return link(unescape(url), unescape(label ?? url));
  const [id, words] = body.split("|");
  if (sign === "@") return mention("@", id, directory);
  if (sign === "#") return mention("#", id, directory);
  const [command, ...parts] = id.split("^");
  if (command === "date") return h("time", {}, unescape(localDate(parts[0], parts[1] ?? "", words ?? "")));
  return h("span.mention.loud", {}, words || `@${command}`);
}

function styled(text) {
  for (const { mark, tag } of STYLES) {
    const escaped = `\\${mark}`;
    const found = new RegExp(`(^|[\\s(\\[{"'*_~,.;:!?-])${escaped}([^${escaped}\\n]*[^\\s${escaped}])${escaped}(?=$|[\\s)\\]}"'*_~,.;:!?-])`).exec(text);
    if (!found || /^\s/.test(found[2])) continue;
    const start = found.index + found[1].length;
    const end = found.index + found[0].length;
    return [...styled(text.slice(0, start)), h(tag, {}, ...styled(found[2])), ...styled(text.slice(end))];
  }
  return withEmoji(unescape(text));
}

/** Plain text with `:names:` turned into emoji. */
export function withEmoji(text) {
  return text.split(/(:[a-z0-9_+'-]+(?:::[a-z0-9-]+)?:)/).map((part, index) => {
    const name = part.slice(1, -1);
    return index % 2 && knownEmoji(name) ? h("span.emoji", { role: "img", aria: { label: name } }, emoji(name)) : part;
  }).filter(Boolean);
}
