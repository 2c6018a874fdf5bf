// What keys do, and the card that says so.
import { byId, element } from "./dom.js";

export function drawKeys(words) {
  const close = element("button", { type: "button", class: "close", "aria-label": words.close }, "✕");
  close.addEventListener("click", () => byId("keys").close());
  byId("keys").replaceChildren(close, element("h2", { id: "keys-title" }, words.keysTitle),
    element("dl", {}, ...words.keys.flatMap(([key, what]) => [element("dt", {}, ...key.split(" ").map((one) => (one === "/" && key !== "/" ? " / " : element("kbd", {}, one)))), element("dd", {}, what)])));
}

// acts: by key. search: the input that has keys of its own: { left(), entered() }.
export function watchKeys(acts, search) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
    if (event.target === byId("search")) {
      if (event.key === "Escape") search.left(event.target);
      if (event.key === "Enter") search.entered(event.target);
      return;
    }
    if (event.target instanceof HTMLSelectElement) return;
    if (event.target instanceof HTMLInputElement) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });
}
