// Why a post was scored as it was: its words, shaded by what each adds to the mood that is likeliest, exactly.
import { element, plain, quoted } from "./dom.js";
import { percent } from "./words.js";

const SHADES = 4;

// What each word adds to a label, against the mean where there are several: what is added to all alike decides nothing.
const toward = (found, label) => found.words.map(([, adds]) => (
  adds.length > 1 ? adds[label] - adds.reduce((sum, one) => sum + one, 0) / adds.length : adds[label]));

export class Reasons {
  // drawn: draws the view again.
  constructor(drawn) {
    Object.assign(this, { drawn, id: "", known: new Map() });
  }

  // The text of a post, shaded once it is explained, and what asks for that.
  draw(id, post, words) {
    if (id !== this.id) Object.assign(this, { id, known: new Map() });
    const place = `${post.partition}-${post.offset}-${post.index}`;
    const known = this.known.get(place);
    if (known?.found) return this.#shaded(known.found, post, words);
    const name = `why-${place}`;
    const label = { busy: words.loading, failed: words.again, none: words.unexplained }[known?.state] || words.whyMood;
    const button = element("button", { type: "button", class: "why", "data-focus": name, disabled: known?.state === "busy" || known?.state === "none" }, label);
    button.addEventListener("click", () => this.#ask(place));
    return [quoted("p", post.text, { lang: post.lang }), button];
  }

  #shaded(found, post, words) {
    const label = found.probabilities.indexOf(Math.max(...found.probabilities));
    const adds = toward(found, label);
    const most = Math.max(...adds.map(Math.abs), 1e-9);
    const shown = found.words.map(([text], place) => {
      const shade = Math.round((Math.abs(adds[place]) / most) * SHADES);
      const kind = shade ? `${adds[place] > 0 ? "for" : "against"}-${shade}` : undefined;
      return element("span", { class: kind, title: `${adds[place] > 0 ? "+" : "−"}${Math.abs(adds[place]).toFixed(2)}` }, plain(text));
    });
    const name = words.moods[found.labels[label]] || plain(found.labels[label]);
    return [
      element("p", { class: "shaded", dir: "auto", lang: post.lang }, ...shown, found.truncated ? " …" : null),
      element("p", { class: "meta" }, element("b", {}, `${name} ${percent(found.probabilities[label])}`),
        element("span", {}, element("i", { class: "for-4" }), words.speaksFor), element("span", {}, element("i", { class: "against-4" }), words.speaksAgainst)),
    ];
  }

  async #ask(place) {
    const { id, known } = this;
    known.set(place, { state: "busy" });
    this.drawn();
    let state = "failed";
    let found;
    try {
      const response = await fetch(`/api/hotspots/${id}/posts/${place}/why`);
      if (response.ok) found = await response.json();
      else if (response.status !== 503) state = "none";
    } catch { /* told below */ }
    known.set(place, { state, found });
    if (known === this.known) this.drawn();
  }
}
