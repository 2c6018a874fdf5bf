// The live page: what is known, what is looked at, and when to draw. The list, one hotspot, the stream and the words have
// modules of their own.
import { byId, element, plain } from "./dom.js";
import { headline, idOf, matches, ordered } from "./card.js";
import { Detail } from "./detail.js";
import { save } from "./export.js";
import { follow } from "./feed.js";
import { Rows } from "./rows.js";
import { Strip } from "./strip.js";
import { MOODS, SHOWS, SORTS, STAGES, filtered, fromAddress, remember, remembered, toAddress } from "./view.js";
import { setPresent, wordsOf } from "./words.js";

const DRAW_MS = 200;
const MAX_CARDS = 200;
const STILL_MS = 15000;

const cards = new Map();
let stale = null;
let view = fromAddress(location);
let language = remembered("language", navigator.language.startsWith("zh") ? "zh" : "en") === "zh" ? "zh" : "en";
let theme = remembered("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
let connection = "connecting";
let waiting = false;
let shown = [];
let pointed = 0;

const words = () => wordsOf(language);
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const address = (id) => toAddress({ ...view, open: id });
const list = byId("hotspots");
const rows = new Rows(list, address, calm);
const strip = new Strip(byId("health"));
const detail = new Detail(byId("detail"), { words, cards: () => [...cards.values()], address, onClose: () => open("") });

// Event time is the newest that is known: a replayed log has its own present.
function now() {
  let newest = strip.last?.watermark_ms || 0;
  for (const card of cards.values()) newest = Math.max(newest, Date.parse(card.hotspot.updated_at) || 0);
  return newest || Date.now();
}

function options(id, label, values, chosen, name = (value) => value) {
  const select = byId(id);
  select.setAttribute("aria-label", label);
  const known = chosen && !values.includes(chosen) ? [...values, chosen] : values;
  const wanted = [id === "sort" ? null : ["", label], ...known.map((value) => [value, plain(name(value))])].filter(Boolean);
  const signature = JSON.stringify(wanted);
  if (select.dataset.signature !== signature) {
    select.dataset.signature = signature;
    select.replaceChildren(...wanted.map(([value, text]) => element("option", { value }, text)));
  }
  select.value = chosen;
  select.classList.toggle("set", id !== "sort" && chosen !== "");
}

function drawControls() {
  const say = words();
  const all = [...cards.values()];
  const names = (of) => [...new Set(all.flatMap((card) => Object.keys(card.hotspot.why[of])))].sort().slice(0, 50);
  byId("search").placeholder = say.searchHint;
  byId("search").setAttribute("aria-label", say.search);
  if (document.activeElement !== byId("search")) byId("search").value = view.q;
  byId("show").setAttribute("aria-label", say.showLabel);
  for (const name of SHOWS) {
    const button = byId(`show-${name}`);
    button.textContent = say.show[name];
    button.setAttribute("aria-pressed", String(view.show === name));
  }
  options("stage", say.stage, STAGES, view.stage, (value) => say.stages[value]);
  options("platform", say.platform, names("platforms"), view.platform);
  options("lang", say.lang, names("languages"), view.lang);
  options("mood", say.mood, MOODS, view.mood, (value) => say.moods[value] || value);
  options("sort", say.sort, SORTS, view.sort, (value) => say.sorts[value]);
  byId("clear").hidden = !filtered(view);
  byId("clear").textContent = say.clear;
  byId("count").textContent = say.count(shown.length, cards.size);
  byId("tools").setAttribute("aria-label", say.filters);
  byId("health").setAttribute("aria-label", say.health.label);
  byId("detail").setAttribute("aria-label", say.title);
  byId("save").setAttribute("aria-label", say.exportLabel);
  byId("language").textContent = say.other;
  byId("language").setAttribute("aria-label", say.otherName);
  byId("theme").textContent = theme === "dark" ? say.light : say.dark;
  byId("help").setAttribute("aria-label", say.help);
  byId("columns").replaceChildren(...say.columns.map((name) => element("span", {}, name)));
  byId("title").textContent = say.title;
}

function drawState() {
  const say = words();
  document.documentElement.lang = say.code === "zh" ? "zh-CN" : "en";
  document.documentElement.dataset.theme = theme;
  const status = byId("connection");
  status.textContent = say[connection];
  status.className = connection;
  strip.draw(say, connection === "live");
  byId("simulated").hidden = ![...cards.values()].some((card) => card.hotspot.simulated);
  byId("simulated").textContent = say.simulated;
}

function draw() {
  waiting = false;
  if (document.hidden) return;
  const say = words();
  setPresent(now());
  shown = ordered([...cards.values()].filter((card) => matches(card, view)), view.sort);
  rows.draw(shown, { words: say, now: now(), open: view.open, ranked: view.sort === "rank" && !filtered(view), still: Date.now() - pointed < STILL_MS });
  if (shown.length && !performance.getEntriesByName("first-rows").length) performance.mark("first-rows");
  drawControls();
  drawState();
  byId("columns").hidden = !shown.length;
  byId("empty").hidden = shown.length > 0;
  byId("empty").replaceChildren(element("b", {}, filtered(view) || cards.size ? say.none : say.empty), element("span", {}, filtered(view) || cards.size ? say.noneHint : say.emptyHint));
  document.body.classList.toggle("opened", view.open !== "");
  const title = view.open && cards.has(view.open) ? `${plain(headline(cards.get(view.open)))} · ` : "";
  document.title = `${title}Redian 热点`;
}

function drawSoon() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => requestAnimationFrame(draw), DRAW_MS);
}

function look(changes, { keep = false } = {}) {
  view = { ...view, ...changes };
  history[keep ? "replaceState" : "pushState"](null, "", toAddress(view));
  if ("show" in changes) remember("show", view.show);
  pointed = 0;
  draw();
}

async function open(id, { keep = false } = {}) {
  const before = view.open;
  if (id !== before) look({ open: id }, { keep });
  await detail.show(id);
  if (!id && before) rows.rows.get(before)?.link.focus({ preventScroll: true });
  else if (id && !keep) byId("detail").querySelector("h2")?.focus({ preventScroll: true });
}

function setTheme() {
  theme = theme === "dark" ? "light" : "dark";
  remember("theme", theme);
  draw();
}

function setLanguage() {
  language = language === "en" ? "zh" : "en";
  remember("language", language);
  draw();
  if (view.open) detail.draw();
  if (byId("keys").open) drawKeys();
}

function drawKeys() {
  const say = words();
  const close = element("button", { type: "button", class: "close", "aria-label": say.close }, "✕");
  close.addEventListener("click", () => byId("keys").close());
  byId("keys").replaceChildren(close, element("h2", { id: "keys-title" }, say.keysTitle),
    element("dl", {}, ...say.keys.flatMap(([key, what]) => [element("dt", {}, ...key.split(" ").map((one) => (one === "/" && key !== "/" ? " / " : element("kbd", {}, one)))), element("dd", {}, what)])));
}

function showKeys() {
  drawKeys();
  if (!byId("keys").open) byId("keys").showModal();
}

const KEYS = {
  j: () => step(1), k: () => step(-1), "/": () => byId("search").focus(), "?": showKeys,
  1: () => look({ show: "alerted" }), 2: () => look({ show: "live" }), 3: () => look({ show: "all" }),
  s: () => look({ sort: SORTS[(SORTS.indexOf(view.sort) + 1) % SORTS.length] }),
  c: () => byId("copy")?.click(), t: setTheme, l: setLanguage, Escape: () => open(""),
};

function step(by) {
  const id = rows.step(by);
  if (view.open && id && matchMedia("(min-width: 64rem)").matches) open(id, { keep: true });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  if (event.target === byId("search")) {
    if (event.key === "Escape") {
      if (view.q) look({ q: "" }, { keep: true });
      event.target.value = "";
      event.target.blur();
    }
    if (event.key === "Enter") step(1);
    return;
  }
  if (event.target instanceof HTMLSelectElement) return;
  if (event.target instanceof HTMLInputElement) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='/hotspots/']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link.closest("[data-id]").dataset.id);
});
list.addEventListener("click", (event) => {
  const row = event.target.closest("li.row");
  if (row && !event.target.closest("a") && !String(getSelection())) open(row.dataset.id);
});
list.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") pointed = Date.now(); });
list.addEventListener("pointerleave", () => { pointed = 0; });
addEventListener("popstate", () => { view = fromAddress(location); draw(); detail.show(view.open); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(); });

byId("search").addEventListener("input", (event) => look({ q: event.target.value.slice(0, 120) }, { keep: true }));
for (const name of SHOWS) byId(`show-${name}`).addEventListener("click", () => look({ show: name }));
for (const name of ["stage", "platform", "lang", "mood", "sort"]) byId(name).addEventListener("change", (event) => look({ [name]: event.target.value }));
byId("clear").addEventListener("click", () => look({ q: "", stage: "", platform: "", lang: "", mood: "" }));
byId("language").addEventListener("click", setLanguage);
byId("theme").addEventListener("click", setTheme);
byId("help").addEventListener("click", showKeys);
for (const kind of ["csv", "json"]) byId(`save-${kind}`).addEventListener("click", () => save(kind, shown));

let announced = 0;
function announce(card, before) {
  if (stale || !card.alerted_at || before?.alerted_at === card.alerted_at || Date.now() - announced < 5000) return;
  announced = Date.now();
  byId("news").textContent = words().newAlert(plain(headline(card)));
}

follow({
  begin: () => { stale = new Set(cards.keys()); },
  complete: () => {
    for (const id of stale || []) cards.delete(id);
    stale = null;
    drawSoon();
  },
  card: (card) => {
    const id = idOf(card);
    for (const merged of card.hotspot.merged) { cards.delete(merged); detail.changed(merged); }
    announce(card, cards.get(id));
    cards.delete(id);
    cards.set(id, card);
    stale?.delete(id);
    if (cards.size > MAX_CARDS) cards.delete(cards.keys().next().value);
    detail.changed(id);
    drawSoon();
  },
  health: (health) => { strip.take(health); drawSoon(); },
  state: (state) => {
    connection = state;
    if (state === "live") detail.again();
    drawSoon();
  },
});
draw();
if (view.open) detail.show(view.open);
