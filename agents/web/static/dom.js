// Making elements. Text only ever becomes text nodes: nothing that a post says is parsed as markup, and characters that
// turn the direction of what follows are taken out, so that a term cannot rearrange the line it stands in.

const SVG = "http://www.w3.org/2000/svg";
const TURNING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

export const byId = (id) => document.getElementById(id);

export const plain = (text) => String(text).replace(TURNING, "");

export function element(name, attributes = {}, ...content) {
  return fill(document.createElement(name), attributes, content);
}

export function svg(name, attributes = {}, ...content) {
  return fill(document.createElementNS(SVG, name), attributes, content);
}

function fill(made, attributes, content) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...content.flat().filter((part) => part !== null && part !== undefined));
  return made;
}

// Text of a post or made of posts: isolated, in its own direction.
export const quoted = (name, text, attributes = {}) => element(name, { dir: "auto", ...attributes }, plain(text));

// Text and attributes that are only touched when they change: whatever is written makes the browser lay out anew.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function mark(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}
