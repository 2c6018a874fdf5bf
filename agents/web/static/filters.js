// The filters above the list of hotspots: what can be chosen, as far as what is known has it, and what is chosen.
import { byId, element, mark, plain, say } from "./dom.js";
import { MOODS, SHOWS, SORTS, STAGES, filtered } from "./view.js";

const MOST = 50;

function options(id, label, values, chosen, name = (value) => value) {
  const select = byId(id);
  mark(select, "aria-label", label);
  const known = chosen && !values.includes(chosen) ? [...values, chosen] : values;
  const wanted = [id === "sort" ? null : ["", label], ...known.map((value) => [value, plain(name(value))])].filter(Boolean);
  const signature = JSON.stringify(wanted);
  if (select.dataset.signature !== signature) {
    select.dataset.signature = signature;
    select.replaceChildren(...wanted.map(([value, text]) => element("option", { value }, text)));
  }
  if (select.value !== chosen) select.value = chosen;
  select.classList.toggle("set", id !== "sort" && chosen !== "");
}

export function drawFilters(view, cards, shown, words) {
  const names = (of) => [...new Set(cards.flatMap((card) => Object.keys(card.hotspot.why[of])))].sort().slice(0, MOST);
  mark(byId("show"), "aria-label", words.showLabel);
  for (const name of SHOWS) {
    const button = byId(`show-${name}`);
    say(button, words.show[name]);
    mark(button, "aria-pressed", String(view.show === name));
  }
  options("stage", words.stage, STAGES, view.stage, (value) => words.stages[value]);
  options("platform", words.platform, names("platforms"), view.platform);
  options("lang", words.lang, names("languages"), view.lang);
  options("mood", words.mood, MOODS, view.mood, (value) => words.moods[value] || value);
  options("sort", words.sort, SORTS, view.sort, (value) => words.sorts[value]);
  byId("clear").hidden = !filtered(view);
  say(byId("clear"), words.clear);
  say(byId("count"), words.count(shown, cards.length));
  mark(byId("tools"), "aria-label", words.filters);
  mark(byId("save"), "aria-label", words.exportLabel);
}

export function watchFilters(look) {
  for (const name of SHOWS) byId(`show-${name}`).addEventListener("click", () => look({ show: name }));
  for (const name of ["stage", "platform", "lang", "mood", "sort"]) byId(name).addEventListener("change", (event) => look({ [name]: event.target.value }));
  byId("clear").addEventListener("click", () => look({ q: "", stage: "", platform: "", lang: "", mood: "" }));
}
