// What somebody thinks of a hotspot: a button for each verdict and a note, sent to the worker, shown with what others said.
import { element, plain, quoted } from "./dom.js";
import { clock, percent } from "./words.js";

export const VERDICTS = ["relevant", "not-relevant", "duplicate", "wrong-merge"];
const NOTE_CHARS = 500;

// What was learnt of verdicts on others: how likely this one is worth telling, and what speaks for and against it.
export function learnt(relevance, words) {
  if (!relevance) return [];
  const name = (feature) => {
    const [kind, ...rest] = feature.split(" ");
    return rest.length ? `${words.featureKinds[kind] ?? plain(kind)} ${plain(rest.join(" "))}`.trim() : words.features[feature] || plain(feature);
  };
  return [
    element("p", { class: "soft", id: "learnt" }, words.learnt(percent(relevance.probability), relevance.verdicts)),
    relevance.muted ? element("p", { class: "soft" }, words.mutedHint) : null,
    relevance.moved.length ? element("ul", { class: "plain" }, ...relevance.moved.map((one) => element("li", {},
      quoted("span", name(one.feature)), element("small", {}, ` ${one.by > 0 ? words.speaksFor : words.speaksAgainst} (${one.by > 0 ? "+" : "−"}${Math.abs(one.by).toFixed(1)})`)))) : null,
  ].filter(Boolean);
}

export class Judging {
  // drawn: draws the view again.
  constructor(drawn) {
    Object.assign(this, { drawn, id: "", note: "", state: "" });
  }

  // A note that is being written must not be taken from under the hand.
  get busy() {
    return document.activeElement?.id === "note";
  }

  draw(id, feedback, words) {
    if (id !== this.id) Object.assign(this, { id, note: "", state: "" });
    const last = feedback.at(-1)?.verdict;
    const note = element("input", { id: "note", type: "text", maxlength: NOTE_CHARS, autocomplete: "off", "data-focus": "note", placeholder: words.note, "aria-label": words.note });
    note.value = this.note;
    note.addEventListener("input", () => { this.note = note.value; });
    const buttons = VERDICTS.map((verdict) => {
      const button = element("button", { type: "button", class: "verdict", "data-focus": verdict, "data-verdict": verdict, "aria-pressed": String(verdict === last), disabled: this.state === "busy" }, words.verdicts[verdict]);
      button.addEventListener("click", () => this.#send(verdict));
      return button;
    });
    const said = { busy: words.loading, failed: words.notKept, done: words.kept }[this.state] || "";
    return [
      element("div", { class: "judging", role: "group", "aria-label": words.judge }, ...buttons, note),
      element("p", { class: "soft", role: "status", id: "kept" }, said),
      feedback.length ? element("ul", { class: "said" }, ...[...feedback].reverse().map((one) => element("li", {},
        element("b", {}, words.verdicts[one.verdict] || plain(one.verdict)),
        element("time", { datetime: one.at }, clock(one.at, words)),
        one.by ? quoted("span", one.by) : null,
        one.note ? quoted("span", one.note, { class: "note" }) : null))) : null,
    ].filter(Boolean);
  }

  async #send(verdict) {
    const { id, note } = this;
    this.state = "busy";
    this.drawn();
    let kept = false;
    try {
      const response = await fetch(`/api/hotspots/${id}/feedback`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ verdict, note }) });
      kept = response.ok;
    } catch { /* told below */ }
    if (id !== this.id) return;
    this.state = kept ? "done" : "failed";
    if (kept) this.note = "";
    this.drawn();
  }
}
