// What is looked at: a view, its filters and what is open in it, as the address has them; what a person prefers, as the
// browser keeps it. An address is another person's text: only what is known is taken from it.

const FIELDS = ["q", "show", "stage", "platform", "lang", "mood", "sort"];
const DEFAULTS = { q: "", show: "alerted", stage: "", platform: "", lang: "", mood: "", sort: "rank" };
const KNOWN = {
  show: ["alerted", "live", "all"],
  stage: ["", "emerging", "rising", "peaking", "fading", "closed"],
  mood: ["", "negative", "neutral", "positive"],
  sort: ["rank", "speed", "people", "began"],
};
const MAX = 120;
const HASH = /^[0-9a-f]{16}$/u;

export const VIEWS = ["hotspots", "watchlists", "profiles"];
export const SORTS = KNOWN.sort;
export const SHOWS = KNOWN.show;
export const STAGES = KNOWN.stage.slice(1);
export const MOODS = KNOWN.mood.slice(1);

function name(text) {
  try { return decodeURIComponent(text).slice(0, MAX); } catch { return ""; }
}

// page: one of VIEWS; open: the id of a hotspot, the name of a watchlist or the hash of an author, "" for the list.
export function fromAddress(location) {
  const query = new URLSearchParams(location.search);
  const view = { ...DEFAULTS, show: remembered("show", DEFAULTS.show), page: "hotspots", open: "" };
  for (const field of FIELDS) {
    const value = query.get(field)?.slice(0, MAX);
    if (value !== undefined && (!KNOWN[field] || KNOWN[field].includes(value))) view[field] = value;
  }
  if (!SHOWS.includes(view.show)) view.show = DEFAULTS.show;
  const [, page, open] = /^\/(hotspots|watchlists|profiles)(?:\/(.*))?$/u.exec(location.pathname) || [];
  if (page) view.page = page;
  if (open) view.open = page === "watchlists" ? name(open) : HASH.test(open) ? open : "";
  return view;
}

export function toAddress(view) {
  const query = new URLSearchParams();
  for (const field of view.page === "hotspots" ? FIELDS : view.open ? [] : ["q"]) {
    if (view[field] !== DEFAULTS[field]) query.set(field, view[field]);
  }
  const search = query.size ? `?${query}` : "";
  const root = view.page === "hotspots" && !view.open ? "/" : `/${view.page}`;
  return root + (view.open ? `/${encodeURIComponent(view.open)}` : "") + search;
}

export const filtered = (view) => ["q", "stage", "platform", "lang", "mood"].some((field) => view[field] !== "");

export function remembered(what, otherwise) {
  try { return localStorage.getItem(what) || otherwise; } catch { return otherwise; }
}

export function remember(what, value) {
  try { localStorage.setItem(what, value); } catch { /* private windows keep nothing */ }
}
