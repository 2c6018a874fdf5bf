// The live page: what is known, what is looked at, and when to draw. The views, the stream and the words have modules of
// their own.
import { byId, element, mark, plain, say } from "./dom.js";
import { headline, idOf, matches, ordered } from "./card.js";
import { Detail } from "./detail.js";
import { HOTSPOT_COLUMNS, asCsv, asJson, save } from "./export.js";
import { follow } from "./feed.js";
import { drawFilters, watchFilters } from "./filters.js";
import { drawKeys, watchKeys } from "./keys.js";
import { pictureOfBoard } from "./picture.js";
import { Profiles } from "./profiles.js";
import { Rows } from "./rows.js";
import { Strip } from "./strip.js";
import { SORTS, VIEWS, filtered, fromAddress, remember, remembered, toAddress } from "./view.js";
import { Watchlists } from "./watchlists.js";
import { setPresent, wordsOf } from "./words.js";

const DRAW_MS = 200;
const MAX_CARDS = 200;
const STILL_MS = 15000;
const ANNOUNCE_MS = 5000;

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
const onHotspots = () => view.page === "hotspots";
// The address of something; the filters of a list stand in it only while that list is looked at.
const address = (page, open) => toAddress(page === view.page ? { ...view, open } : { ...fromAddress({ search: "", pathname: "/" }), show: view.show, page, open });
const list = byId("hotspots");
const rows = new Rows(list, (id) => address("hotspots", id), calm);
const strip = new Strip(byId("health"));
const detail = new Detail(byId("detail"), { words, cards: () => [...cards.values()], address, onClose: () => open("") });
const watchlists = new Watchlists(byId("watchlists"), { words, address: (name) => address("watchlists", name) });
const profiles = new Profiles(byId("profiles"), { words, address, open: (id) => go(address("hotspots", id)) });

// Event time is the newest that is known: a replayed log has its own present.
function now() {
  let newest = strip.last?.watermark_ms || 0;
  for (const card of cards.values()) newest = Math.max(newest, Date.parse(card.hotspot.updated_at) || 0);
  return newest || Date.now();
}

function drawHead() {
  const told = words();
  const root = document.documentElement;
  mark(root, "lang", told.code === "zh" ? "zh-CN" : "en");
  mark(root, "data-theme", theme);
  mark(document.body, "data-page", view.page);
  const [label, hint] = told.searches[view.page];
  const search = byId("search");
  mark(search, "placeholder", hint);
  mark(search, "aria-label", label);
  search.hidden = !onHotspots() && view.open !== "";
  if (document.activeElement !== search && search.value !== view.q) search.value = view.q;
  mark(byId("views"), "aria-label", told.viewsLabel);
  for (const link of byId("views").children) {
    say(link, told.views[link.dataset.page]);
    if (link.dataset.page === view.page) mark(link, "aria-current", "page"); else link.removeAttribute("aria-current");
  }
  mark(byId("health"), "aria-label", told.health.label);
  say(byId("language"), told.other);
  mark(byId("language"), "aria-label", told.otherName);
  say(byId("theme"), theme === "dark" ? told.light : told.dark);
  mark(byId("help"), "aria-label", told.help);
  say(byId("connection"), told[connection]);
  mark(byId("connection"), "class", connection);
  strip.draw(told, connection === "live");
  byId("simulated").hidden = ![...cards.values()].some((card) => card.hotspot.simulated);
  say(byId("simulated"), told.simulated);
  const opened = !view.open ? "" : onHotspots() ? cards.has(view.open) && headline(cards.get(view.open)) : view.open;
  const title = `${opened ? `${plain(opened)} · ` : ""}${onHotspots() ? "" : `${told.views[view.page]} · `}Redian 热点`;
  if (document.title !== title) document.title = title;
}

function drawHotspots() {
  const told = words();
  shown = ordered([...cards.values()].filter((card) => matches(card, view)), view.sort);
  rows.draw(shown, { words: told, now: now(), open: view.open, ranked: view.sort === "rank" && !filtered(view), still: Date.now() - pointed < STILL_MS });
  if (shown.length && !performance.getEntriesByName("first-rows").length) performance.mark("first-rows");
  drawFilters(view, [...cards.values()], shown.length, told);
  if (byId("columns").dataset.code !== told.code) {
    byId("columns").dataset.code = told.code;
    byId("columns").replaceChildren(...told.columns.map((name) => element("span", {}, name)));
  }
  say(byId("title"), told.title);
  mark(byId("detail"), "aria-label", told.title);
  byId("columns").hidden = !shown.length;
  byId("empty").hidden = shown.length > 0;
  if (shown.length) return;
  const live = view.show === "alerted" && !filtered(view) ? [...cards.values()].filter((card) => matches(card, { ...view, show: "live" })).length : 0;
  if (live) {
    const button = element("button", { type: "button", id: "see-live", "data-count": live }, told.seeLive);
    button.addEventListener("click", () => choose("live"));
    if (byId("see-live")?.dataset.count !== String(live) || byId("see-live").textContent !== told.seeLive) byId("empty").replaceChildren(element("b", {}, told.noAlert(live)), button);
    return;
  }
  const known = filtered(view) || cards.size > 0;
  byId("empty").replaceChildren(element("b", {}, known ? told.none : told.empty), element("span", {}, known ? told.noneHint : told.emptyHint));
}

function draw() {
  waiting = false;
  if (document.hidden) return;
  setPresent(now());
  drawHead();
  for (const page of VIEWS.slice(1)) byId(page).hidden = view.page !== page;
  for (const id of ["panes-hotspots", "tools"]) byId(id).hidden = !onHotspots();
  document.body.classList.toggle("opened", onHotspots() && view.open !== "");
  if (onHotspots()) drawHotspots();
  else if (view.page === "watchlists") watchlists.draw(view.q);
  else profiles.draw();
}

function drawSoon() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => requestAnimationFrame(draw), DRAW_MS);
}

// Have the views read what the address names.
function show() {
  if (view.page === "watchlists") watchlists.show(view.open);
  if (view.page === "profiles") profiles.show(view.open, view.q);
  draw();
  return detail.show(onHotspots() ? view.open : "");
}

function look(changes, { keep = false } = {}) {
  view = { ...view, ...changes };
  history[keep ? "replaceState" : "pushState"](null, "", toAddress(view));
  if ("show" in changes) remember("show", view.show);
  pointed = 0;
  return show();
}

function go(href) {
  const next = fromAddress(new URL(href, location.href));
  if (next.page === view.page && next.open && onHotspots()) { open(next.open); return; }
  view = next;
  history.pushState(null, "", toAddress(view));
  scrollTo(0, 0);
  show();
  if (!onHotspots()) byId(view.page).focus({ preventScroll: true });
  else if (view.open) byId("detail").querySelector("h2")?.focus({ preventScroll: true });
}

async function open(id, { keep = false } = {}) {
  const before = view.open;
  if (id !== before) await look({ open: id }, { keep });
  if (!onHotspots()) return;
  if (!id && before) rows.rows.get(before)?.link.focus({ preventScroll: true });
  else if (id && !keep) byId("detail").querySelector("h2")?.focus({ preventScroll: true });
}

function setTheme() {
  theme = theme === "dark" ? "light" : "dark";
  remember("theme", theme);
  draw();
  if (onHotspots() && view.open) detail.draw();
}

function setLanguage() {
  language = language === "en" ? "zh" : "en";
  remember("language", language);
  draw();
  if (onHotspots() && view.open) detail.draw();
  if (byId("keys").open) drawKeys(words());
}

function showKeys() {
  drawKeys(words());
  if (!byId("keys").open) byId("keys").showModal();
}

function step(by) {
  if (!onHotspots()) return;
  const id = rows.step(by);
  if (view.open && id && matchMedia("(min-width: 64rem)").matches) open(id, { keep: true });
}

// The keys of the list lead to it from any view.
const choose = (name) => look(onHotspots() ? { show: name } : { page: "hotspots", open: "", q: "", show: name });

watchKeys({
  j: () => step(1), k: () => step(-1), "/": () => byId("search").focus(), "?": showKeys,
  1: () => choose("alerted"), 2: () => choose("live"), 3: () => choose("all"),
  s: () => onHotspots() && look({ sort: SORTS[(SORTS.indexOf(view.sort) + 1) % SORTS.length] }),
  g: () => go(address(VIEWS[(VIEWS.indexOf(view.page) + 1) % VIEWS.length], "")),
  c: () => byId("copy")?.click(), t: setTheme, l: setLanguage, Escape: () => open(""),
}, {
  left(input) {
    if (view.q) look({ q: "" }, { keep: true });
    input.value = "";
    input.blur();
  },
  entered(input) {
    if (onHotspots()) step(1);
    else if (view.page === "profiles" && /^[0-9a-f]{16}$/u.test(input.value.trim())) go(address("profiles", input.value.trim()));
    else byId(view.page).querySelector("a[data-go]")?.focus();
  },
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-go], a[href^='/hotspots/']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(link.href);
});
list.addEventListener("click", (event) => {
  const row = event.target.closest("li.row");
  if (row && !event.target.closest("a") && !String(getSelection())) open(row.dataset.id);
});
list.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") pointed = Date.now(); });
list.addEventListener("pointerleave", () => { pointed = 0; });
addEventListener("popstate", () => { view = fromAddress(location); show(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(); });

watchFilters(look);
byId("search").addEventListener("input", (event) => look({ q: event.target.value.slice(0, 120) }, { keep: true }));
byId("language").addEventListener("click", setLanguage);
byId("theme").addEventListener("click", setTheme);
byId("help").addEventListener("click", showKeys);
byId("save-csv").addEventListener("click", () => save(asCsv(HOTSPOT_COLUMNS, shown), "hotspots", "csv"));
byId("save-json").addEventListener("click", () => save(asJson(shown), "hotspots", "json"));
byId("save-png").addEventListener("click", async () => save(await pictureOfBoard(shown, words(), now()), "hotspots", "png"));

let announced = 0;
function announce(card, before) {
  if (stale || !card.alerted_at || before?.alerted_at === card.alerted_at || Date.now() - announced < ANNOUNCE_MS) return;
  announced = Date.now();
  byId("news").textContent = words().newAlert(plain(headline(card)));
}

follow({
  begin: () => { stale = { cards: new Set(cards.keys()), watches: new Set(watchlists.known.keys()) }; },
  complete: () => {
    for (const id of stale?.cards || []) cards.delete(id);
    for (const name of stale?.watches || []) watchlists.take(name, null);
    stale = null;
    if (shown.length) drawSoon(); else draw(); // the first view waits for nothing
  },
  card: (card) => {
    const id = idOf(card);
    for (const merged of card.hotspot.merged) { cards.delete(merged); detail.changed(merged); }
    announce(card, cards.get(id));
    cards.delete(id);
    cards.set(id, card);
    stale?.cards.delete(id);
    if (cards.size > MAX_CARDS) cards.delete(cards.keys().next().value);
    detail.changed(id);
    drawSoon();
  },
  watch: ({ name, listed }) => {
    stale?.watches.delete(name);
    watchlists.take(name, listed);
    drawSoon();
  },
  health: (health) => { strip.take(health); drawSoon(); },
  state: (state) => {
    connection = state;
    if (state === "live") {
      if (onHotspots()) detail.again();
      if (view.page === "watchlists") watchlists.again();
      if (view.page === "profiles") profiles.again();
    }
    drawSoon();
  },
});
show();
