// What is looked at: the filters and the open hotspot, as the address has them; what a person prefers, as the browser
// keeps it. An address is another person's text: only what is known is taken from it.

const FIELDS = ["q", "show", "stage", "platform", "lang", "mood", "sort"];
const DEFAULTS = { q: "", show: "alerted", stage: "", platform: "", lang: "", mood: "", sort: "rank" };
const KNOWN = {
  show: ["alerted", "live", "all"],
  stage: ["", "emerging", "rising", "peaking", "fading", "closed"],
  mood: ["", "negative", "neutral", "positive"],
  sort: ["rank", "speed", "people", "began"],
};
const MAX = 120;

export const SORTS = KNOWN.sort;
export const SHOWS = KNOWN.show;
export const STAGES = KNOWN.stage.slice(1);
export const MOODS = KNOWN.mood.slice(1);

export function fromAddress(location) {
  const query = new URLSearchParams(location.search);
  const view = { ...DEFAULTS, show: remembered("show", DEFAULTS.show), open: "" };
  for (const name of FIELDS) {
    const value = query.get(name)?.slice(0, MAX);
    if (value !== undefined && (!KNOWN[name] || KNOWN[name].includes(value))) view[name] = value;
  }
  if (!SHOWS.includes(view.show)) view.show = DEFAULTS.show;
  view.open = /^\/hotspots\/([0-9a-f]{16})$/u.exec(location.pathname)?.[1] || "";
  return view;
}

export function toAddress(view) {
  const query = new URLSearchParams();
  for (const name of FIELDS) {
    if (view[name] !== DEFAULTS[name]) query.set(name, view[name]);
  }
  const search = query.size ? `?${query}` : "";
  return (view.open ? `/hotspots/${view.open}` : "/") + search;
}

export const filtered = (view) => ["q", "stage", "platform", "lang", "mood"].some((name) => view[name] !== "");

export function remembered(name, otherwise) {
  try { return localStorage.getItem(name) || otherwise; } catch { return otherwise; }
}

export function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { /* private windows keep nothing */ }
}
