// The live page: cards come as server-sent events, one JSON object each, and are drawn with text nodes only:
// nothing that a post says is ever parsed as markup.
"use strict";

const SHOWN = 60;
const IDS_SHOWN = 6;
const WORDS = {
  en: {
    connecting: "connecting …", live: "live", lost: "connection lost, trying again", alerted: "Alerted", all: "All hotspots", other: "中文",
    dark: "Dark", light: "Light", simulated: "Simulated posts: nobody wrote these.",
    empty: "Nothing is hot just now. Hotspots appear here within a minute or two.",
    why: (why) => [["b", why.observed], ` people within ${why.scale_min} min, where `, ["b", usual(why.expected, "fewer than 1")], " are usual"],
    began: (time) => `began ${time}`, told: (time) => `alerted ${time}`, hour: "one hour ago", now: "now",
    brief: "What posts say", mood: "mood of the evidence", held: "not alerted",
    stages: { emerging: "emerging", rising: "rising", peaking: "peaking", fading: "fading", closed: "closed" },
    moods: { negative: "negative", neutral: "neutral", positive: "positive" },
  },
  zh: {
    connecting: "正在连接 …", live: "实时", lost: "连接已断开，正在重试", alerted: "已告警", all: "全部热点", other: "English",
    dark: "深色", light: "浅色", simulated: "模拟数据：并非真人所发。",
    empty: "目前没有热点。新的热点会在一两分钟内出现。",
    why: (why) => [`${why.scale_min} 分钟内有 `, ["b", why.observed], " 人提到，平时约 ", ["b", usual(why.expected, "不到 1")], " 人"],
    began: (time) => `始于 ${time}`, told: (time) => `告警于 ${time}`, hour: "一小时前", now: "现在",
    brief: "帖子怎么说", mood: "情绪", held: "未告警",
    stages: { emerging: "萌芽", rising: "上升", peaking: "高峰", fading: "消退", closed: "结束" },
    moods: { negative: "负面", neutral: "中性", positive: "正面" },
  },
};

const cards = new Map();
const opened = new Set();
const drawn = new Set();
let language = stored("language", navigator.language.startsWith("zh") ? "zh" : "en");
let which = stored("which", "alerted");
let theme = stored("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
let connection = "connecting";
let waiting = false;

function stored(name, otherwise) {
  try { return localStorage.getItem(name) || otherwise; } catch { return otherwise; }
}

function store(name, value) {
  try { localStorage.setItem(name, value); } catch { /* private windows keep nothing */ }
}

function usual(expected, few) {
  return expected < 1 ? few : String(Math.round(expected));
}

function element(name, attributes, ...content) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content.map((part) => (Array.isArray(part) ? element(part[0], {}, String(part[1])) : part)));
  return made;
}

function clock(text) {
  const time = new Date(text);
  const day = time.toDateString() === new Date().toDateString() ? {} : { month: "short", day: "numeric" };
  return time.toLocaleString(language, { hour: "2-digit", minute: "2-digit", ...day });
}

function bars(series) {
  const name = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(name, "svg");
  const top = Math.max(...series, 1);
  svg.setAttribute("viewBox", `0 0 ${series.length * 4} 40`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  series.forEach((count, place) => {
    const bar = document.createElementNS(name, "rect");
    const height = count ? Math.max(1.5, (count / top) * 40) : 0.5;
    Object.entries({ x: place * 4, y: 40 - height, width: 3, height }).forEach(([key, value]) => bar.setAttribute(key, value));
    svg.append(bar);
  });
  return svg;
}

function moodBar(mood, words) {
  const names = ["negative", "neutral", "positive"];
  const label = names.map((name) => `${words.moods[name]} ${Math.round((mood[name] || 0) * 100)}%`).join(", ");
  const bar = element("div", { class: "mood", role: "img", "aria-label": `${words.mood}: ${label}`, title: label });
  for (const name of names) {
    const part = element("i", { class: name });
    part.style.flex = String(mood[name] || 0);
    bar.append(part);
  }
  return bar;
}

function article(card) {
  const words = WORDS[language];
  const { hotspot, brief } = card;
  const { why } = hotspot;
  const id = hotspot.hotspot_id;
  const made = element("article", { class: `${hotspot.stage}${card.alerted_at ? "" : " quiet"}${drawn.has(id) ? "" : " new"}` });
  drawn.add(id);
  const meta = element("div", { class: "meta" },
    element("span", { class: "stage" }, words.stages[hotspot.stage] || hotspot.stage),
    element("span", {}, words.began(clock(hotspot.started_at))),
    element("span", {}, card.alerted_at ? words.told(clock(card.alerted_at)) : words.held),
    ...Object.entries(why.languages).slice(0, 3).map(([name, share]) => element("span", {}, `${name} ${Math.round(share * 100)}%`)),
    ...Object.keys(why.platforms).slice(0, 3).map((name) => element("span", {}, name)));
  const main = element("div", {},
    element("h2", brief ? { lang: brief.lang } : {}, brief ? brief.headline : card.terms[0]),
    element("p", { class: "terms" }, ...card.terms.slice(0, 6).map((term) => element("span", {}, term))),
    element("p", { class: "why" }, ...words.why(why)));
  const figure = element("figure", {}, bars(why.series), element("figcaption", {}, element("span", {}, words.hour), element("span", {}, words.now)));
  if (why.sentiment) figure.append(moodBar(why.sentiment, words));
  made.append(meta, main, figure);
  if (brief && brief.sentences.length) {
    const details = element("details", opened.has(id) ? { open: "" } : {}, element("summary", {}, `${words.brief} (${brief.sentences.length})`),
      element("ul", {}, ...brief.sentences.map((sentence) => element("li", { lang: brief.lang }, sentence.text,
        element("small", {}, sentence.evidence.slice(0, IDS_SHOWN).join("  ") + (sentence.evidence.length > IDS_SHOWN ? "  …" : ""))))));
    details.addEventListener("toggle", () => { details.open ? opened.add(id) : opened.delete(id); });
    made.append(details);
  }
  return element("li", {}, made);
}

function draw() {
  waiting = false;
  const words = WORDS[language];
  document.documentElement.lang = language;
  document.documentElement.dataset.theme = theme;
  const status = document.getElementById("connection");
  status.textContent = words[connection];
  status.className = connection;
  document.getElementById("which").textContent = which === "alerted" ? words.all : words.alerted;
  document.getElementById("language").textContent = words.other;
  document.getElementById("theme").textContent = theme === "dark" ? words.light : words.dark;
  const listed = [...cards.values()]
    .filter((card) => which === "all" || card.alerted_at)
    .sort((a, b) => (a.hotspot.stage === "closed") - (b.hotspot.stage === "closed")
      || (b.alerted_at > "") - (a.alerted_at > "") || b.hotspot.rank - a.hotspot.rank)
    .slice(0, SHOWN);
  document.getElementById("hotspots").replaceChildren(...listed.map(article));
  const empty = document.getElementById("empty");
  empty.hidden = listed.length > 0;
  empty.textContent = words.empty;
  const banner = document.getElementById("simulated");
  banner.hidden = ![...cards.values()].some((card) => card.hotspot.simulated);
  banner.textContent = words.simulated;
}

function drawSoon() {
  if (!waiting) {
    waiting = true;
    setTimeout(draw, 200);
  }
}

function toggle(name, change) {
  document.getElementById(name).addEventListener("click", () => {
    change();
    store("language", language);
    store("which", which);
    store("theme", theme);
    draw();
  });
}

toggle("which", () => { which = which === "alerted" ? "all" : "alerted"; });
toggle("language", () => { language = language === "en" ? "zh" : "en"; });
toggle("theme", () => { theme = theme === "dark" ? "light" : "dark"; });

const events = new EventSource("/events");
events.onopen = () => { connection = "live"; drawSoon(); };
events.onerror = () => { connection = "lost"; drawSoon(); };
events.onmessage = (message) => {
  const card = JSON.parse(message.data);
  for (const merged of card.hotspot.merged) cards.delete(merged);
  cards.delete(card.hotspot.hotspot_id);
  cards.set(card.hotspot.hotspot_id, card);
  if (cards.size > 200) cards.delete(cards.keys().next().value);
  drawSoon();
};
draw();
