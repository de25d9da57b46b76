/** Block Kit as DOM nodes: what a message may hold, and an honest note for a block that this page cannot draw. */

import { h, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { field, isField } from "./fields.js";
import { menu } from "./menus.js";
import { link, localDate, mention, mrkdwn, unescape, withEmoji } from "./mrkdwn.js";

/** Draw blocks. `context` is {directory, act(part, node, block), form, submit(), picture(id), sourceOf(url)}. */
export function renderBlocks(blocks, context) {
  return blocks.map((block) => renderBlock(block, context));
}

/** Draw one block. */
export function renderBlock(block, context) {
  return (BLOCKS[block.type] ?? unknown)(block, context);
}

const BLOCKS = {
  section: (block, context) => h("div.block.section", {},
    h("div.section-body", {},
      block.text && h("div.text", {}, ...textObject(block.text, context)),
      block.fields && h("div.fields", {}, ...block.fields.map((f) => h("div.text", {}, ...textObject(f, context)))),
    ),
    block.accessory && h("div.accessory", {}, element(block.accessory, context, block)),
  ),
  input: inputBlock,
  card,
  carousel: (block, context) => h("div.block.carousel", { tabIndex: 0, role: "group", aria: { label: "Cards" } }, ...block.elements.map((part) => card(part, context, block))),
  alert: (block, context) => h(`div.block.alert.${block.level ?? "default"}`, {}, ...textObject(block.text, context)),
  rich_text: (block, context) => h("div.block.rich", {}, ...block.elements.map((part) => richPart(part, context))),
  context: (block, context) => h("div.block.context", {}, ...block.elements.map((part) => (part.type === "image"
    ? picture(part, context, "context-image") : h("span", {}, ...textObject(part, context))))),
  actions: (block, context) => h("div.block.actions", {}, ...block.elements.map((part) => element(part, context, block))),
  context_actions: (block, context) => h("div.block.actions.quiet", {},
    ...block.elements.map((part) => element(part, context, block))),
  header: (block) => h("h3.block.header", {}, ...withEmoji(unescape(block.text.text))),
  divider: () => h("hr.block"),
  markdown: (block) => h("div.block.text.markdown", {}, block.text),
  image: (block, context) => h("figure.block.image-block", {},
    block.title && h("figcaption", {}, ...withEmoji(unescape(block.title.text))), picture(block, context)),
};

function card(part, context, block = part) {
  return h("article.block.card", {},
    part.hero_image && picture(part.hero_image, context, "hero"),
    h("div.card-words", {}, ...["title", "subtitle", "body"].map((name) => part[name] && h(`div.card-${name}`, {}, ...textObject(part[name], context)))),
    part.actions && h("div.actions", {}, ...part.actions.map((each) => element(each, context, block))));
}

function inputBlock(block, context) {
  const id = `${context.form.id}-${block.block_id}-${block.element.action_id}`;
  const wrong = context.form.errors[block.block_id];
  return h(`div.block.field-row${wrong ? ".wrong" : ""}`, {},
    h("label", { htmlFor: id }, ...withEmoji(unescape(block.label.text)), block.optional && h("small", {}, " (optional)")),
    field(block.element, context, block),
    wrong && h("p.error-text", { id: `${id}-error`, role: "alert" }, wrong),
    block.hint && h("p.hint-text", {}, ...withEmoji(unescape(block.hint.text))));
}

function unknown(block) {
  return h("div.block.unknown", {}, `This page does not draw “${block.type}” blocks; Slack may.`);
}

/** A text object: plain_text stays plain, mrkdwn is formatted. */
export function textObject(object, { directory }) {
  if (object.type === "plain_text") return object.emoji === false ? [object.text] : withEmoji(unescape(object.text));
  return mrkdwn(object.text, directory);
}

// rich_text ---------------------------------------------------------------------------------------------------------

function richPart(part, context) {
  const inside = () => part.elements.map((piece) => richElement(piece, context));
  switch (part.type) {
    case "rich_text_section": return h("div.text", {}, ...inside());
    case "rich_text_quote": return h("blockquote", {}, ...inside());
    case "rich_text_preformatted": return h("pre", {}, ...inside());
    case "rich_text_list": return h(part.style === "ordered" ? "ol" : "ul", { data: { indent: part.indent ?? 0 } },
      ...part.elements.map((item) => h("li", {}, ...item.elements.map((piece) => richElement(piece, context)))));
    default: return unknown(part);
  }
}

function richElement(piece, { directory }) {
  switch (piece.type) {
    case "text": return styledText(piece);
    case "link": return link(piece.url, piece.text || piece.url);
    case "user": return mention("@", piece.user_id, directory);
    case "channel": return mention("#", piece.channel_id, directory);
    case "usergroup": return h("span.mention", {}, `@${piece.usergroup_id}`);
    case "broadcast": return h("span.mention.loud", {}, `@${piece.range}`);
    case "emoji": return h("span.emoji", { role: "img", aria: { label: piece.name } }, emoji(piece.name));
    case "date": return h("time", {}, localDate(piece.timestamp, piece.format, piece.fallback ?? ""));
    case "color": return h("code", {}, piece.value);
    default: return h("span.unknown", {}, `[${piece.type}]`);
  }
}

const STYLE_TAGS = { bold: "strong", italic: "em", strike: "s", code: "code" };

function styledText(piece) {
  return Object.entries(STYLE_TAGS).reduce(
    (inner, [style, tag]) => (piece.style?.[style] ? h(tag, {}, inner) : inner),
    piece.text.includes("\n") ? h("span.lines", {}, piece.text) : document.createTextNode(piece.text),
  );
}

// pictures ----------------------------------------------------------------------------------------------------------

function picture(block, context, kind = "block-image") {
  const id = block.slack_file?.id;
  const source = id ? context.picture(id) : context.sourceOf(block.image_url ?? block.slack_file?.url ?? "");
  if (!source) return h("span.unknown", {}, `A picture from elsewhere is not loaded here: ${block.alt_text ?? ""}`);
  return h(`img.${kind}`, { src: source, alt: block.alt_text ?? "", loading: "lazy" });
}

// interactive elements ----------------------------------------------------------------------------------------------

function element(part, context, block) {
  if (isField(part)) return field(part, context, block);
  const draw = { button, overflow, feedback_buttons: feedback, icon_button: iconButton }[part.type];
  if (draw) return draw(part, context, block);
  if (part.type === "image") return picture(part, context, "accessory-image");
  return h("span.unknown", {}, `[${part.type}]`);
}

function button(part, context, block) {
  const style = part.style ? `.${part.style}` : "";
  const words = withEmoji(unescape(part.text.text));
  const focus = `${block?.block_id ?? ""}:${part.action_id}`;
  return h(`button.action${style}`, {
    type: "button", data: { focus }, aria: part.accessibility_label ? { label: part.accessibility_label } : {},
    onclick: (event) => context.act(part, event.currentTarget, block),
  }, ...words, part.url && h("span.url-mark", { aria: { hidden: true } }, " ↗"));
}

function overflow(part, context, block) {
  return h("button.action.more-menu", {
    type: "button", aria: { label: "More", haspopup: "menu" }, data: { focus: `${block.block_id}:${part.action_id}` },
    onclick: (event) => {
      const node = event.currentTarget;
      menu(node, "More", part.options.map((option) => ({
        words: unescape(option.text.text), note: option.description?.text,
        run: () => {
          if (option.url) open(option.url, "_blank", "noopener");
          context.act({ ...part, value: option.value }, node, block);
        },
      })));
    },
  }, icon("dots"));
}

function feedback(part, context, block) {
  return h("span.feedback", {}, ...["positive_button", "negative_button"].map((side) => {
    const half = part[side];
    return half && h("button.action.round", {
      type: "button", title: half.text.text, aria: { label: half.text.text },
      onclick: (event) => context.act({ ...part, value: half.value }, event.currentTarget, block),
    }, side === "positive_button" ? "👍" : "👎");
  }));
}

function iconButton(part, context, block) {
  return h("button.action.round", {
    type: "button", title: part.text.text, aria: { label: part.text.text },
    onclick: (event) => context.act(part, event.currentTarget, block),
  }, part.icon === "trash" ? "🗑️" : icon("plus"));
}
