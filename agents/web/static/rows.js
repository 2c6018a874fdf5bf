// The list: one row a hotspot, changed in place, moved when the order changes. Rows keep their link, so that focus stays.
import { element, mark, plain, quoted } from "./dom.js";
import { headline, idOf, moodOf, readable, speed } from "./card.js";
import { Spark, release } from "./chart.js";
import { small } from "./curves.js";
import { meter, moodBar, shares } from "./gauges.js";
import { clock, number, percent, reason, usual } from "./words.js";

const MARK_MS = 60000;
const NEW_MS = 4000;

class Row {
  constructor(card, address) {
    this.id = idOf(card);
    this.li = element("li", { "data-id": this.id });
    this.link = element("a", { href: address(this.id) });
    this.heading = element("h2", {}, this.link);
    this.place = element("p", { class: "place" });
    this.meta = element("p", { class: "meta" });
    this.spark = new Spark();
    this.curve = element("div", { class: "curve" }, this.spark.host);
    this.people = element("div", { class: "people" });
    this.speed = element("div", { class: "speed" });
    this.mood = element("div", { class: "mood" });
    this.credible = element("div", { class: "credible" });
    this.where = element("div", { class: "where" });
    this.li.append(this.place, element("div", { class: "main" }, this.heading, this.meta), this.curve, this.people, this.speed, this.mood, this.credible, this.where);
    this.born = Date.now();
  }

  fill(card, words, now) {
    const { hotspot, brief } = card;
    const { why } = hotspot;
    const key = [hotspot.emitted_at, card.alerts, card.verdict, brief?.brief_id, brief?.revision, words.code, document.documentElement.dataset.theme, Math.floor(now / 60000)].join("|");
    if (key === this.key) return;
    this.key = key;
    this.li.className = `row ${hotspot.stage}${card.alerted_at ? "" : " held"}`;
    this.link.textContent = plain(headline(card));
    this.link.dir = "auto";
    this.link.lang = brief ? brief.lang : "";
    this.meta.replaceChildren(
      element("span", { class: "stage" }, words.stages[hotspot.stage] || plain(hotspot.stage)),
      element("span", { title: words.began(clock(hotspot.started_at, words)) }, words.ago((now - Date.parse(hotspot.started_at)) / 60000)),
      ...(card.alerted_at ? [element("span", { class: "told" }, words.told(clock(card.alerted_at, words)))]
        : [element("span", {}, hotspot.warming < 1 ? words.warming(percent(hotspot.warming)) : words.held)]),
      ...(hotspot.relevance?.muted ? [element("span", { title: words.mutedHint }, words.muted)] : []),
      ...(card.verdict ? [element("span", { class: "told" }, words.judged(words.verdicts[card.verdict] || plain(card.verdict)))] : []),
      quoted("span", readable(card).slice(0, 5).map(plain).join(" · "), { class: "terms" }));
    this.spark.set(small(hotspot, words));
    const pace = speed(card);
    const arrow = { 1: ["▲", words.faster, "up"], "-1": ["▼", words.slower, "down"], 0: ["", words.steady, ""] }[pace.change];
    this.people.replaceChildren(
      element("p", {}, element("b", {}, number(why.observed, words.code)), " ", element("span", { class: "unseen" }, words.people), " ", words.within(why.scale_min)),
      element("small", {}, words.usual(usual(why.expected, words))));
    this.speed.replaceChildren(element("p", {}, element("b", {}, pace.now < 0.05 ? "0" : pace.now < 10 ? pace.now.toFixed(1) : String(Math.round(pace.now))), words.perMinute),
      element("small", { class: arrow[2] }, `${arrow[0]} ${arrow[1]}`.trim()));
    const mood = moodOf(card);
    this.mood.replaceChildren(...(mood ? [moodBar(why.sentiment, words), element("small", { class: `${mood}-word` }, `${words.moods[mood]} ${percent(why.sentiment[mood])}`)]
      : [element("small", {}, words.noMood)]));
    this.credible.title = hotspot.credibility_reasons.map((text) => reason(plain(text), words)).join("\n");
    this.credible.replaceChildren(meter(hotspot.credibility, words.credible(percent(hotspot.credibility))),
      element("small", {}, percent(hotspot.credibility)));
    this.where.replaceChildren(element("small", {}, shares(why.languages, words).join("  ")), element("small", {}, shares(why.platforms, words).join("  ")));
  }

  rank(place, before, words) {
    const moved = before === undefined ? 0 : before - place;
    const text = `${place}|${moved}|${words.code}`;
    if (text === this.ranked) return;
    this.ranked = text;
    this.place.replaceChildren(element("span", { "aria-label": words.place(place) }, String(place)),
      ...(moved ? [element("small", { class: moved > 0 ? "up" : "down", title: moved > 0 ? words.up(moved) : words.down(-moved) }, `${moved > 0 ? "▲" : "▼"}${Math.abs(moved)}`)] : []));
  }
}

export class Rows {
  // list: the <ol>; address: of a hotspot by id; calm: whether motion is unwanted.
  constructor(list, address, calm) {
    Object.assign(this, { list, address, calm, rows: new Map(), places: new Map(), before: new Map(), order: [] });
    setInterval(() => { this.before = this.places; this.places = new Map(this.order.map((id, place) => [id, place + 1])); }, MARK_MS);
  }

  draw(cards, { words, now, open, ranked, still }) {
    let order = cards.map(idOf);
    const shown = new Set(order);
    // While somebody points at the list nothing moves under the pointer: rows keep their order, new ones come last.
    if (still && this.order.length) {
      const kept = this.order.filter((id) => shown.has(id));
      const held = new Set(kept);
      order = [...kept, ...order.filter((id) => !held.has(id))];
    }
    const byId = new Map(cards.map((card) => [idOf(card), card]));
    const changed = order.length !== this.order.length || order.some((id, place) => id !== this.order[place]);
    const tops = changed && !this.calm() ? this.#tops() : null;
    for (const [id, row] of this.rows) {
      if (!shown.has(id)) { release(row.li); row.li.remove(); this.rows.delete(id); }
    }
    order.forEach((id, place) => {
      let row = this.rows.get(id);
      if (!row) {
        row = new Row(byId.get(id), this.address);
        this.rows.set(id, row);
      }
      row.fill(byId.get(id), words, now);
      row.rank(place + 1, ranked ? this.before.get(id) : undefined, words);
      row.li.classList.toggle("new", this.seen === true && Date.now() - row.born < NEW_MS);
      row.li.classList.toggle("open", id === open);
      if (id === open) mark(row.link, "aria-current", "true"); else row.link.removeAttribute("aria-current");
      mark(row.link, "href", this.address(id));
    });
    this.#place(order);
    if (tops) this.#glide(tops);
    this.order = order;
    this.seen ||= order.length > 0;
  }

  #place(order) {
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    let next = this.list.firstElementChild;
    for (const id of order) {
      const { li } = this.rows.get(id);
      if (li === next) next = next.nextElementSibling;
      else this.list.insertBefore(li, next);
    }
    if (focused && document.activeElement !== focused && focused.isConnected) focused.focus({ preventScroll: true });
  }

  #tops() {
    return new Map([...this.rows].map(([id, row]) => [id, row.li.offsetTop]));
  }

  #glide(tops) {
    const seen = [scrollY - innerHeight, scrollY + 2 * innerHeight];
    for (const [id, row] of this.rows) {
      const from = tops.get(id);
      const to = row.li.offsetTop;
      if (from === undefined || from === to || to < seen[0] || to > seen[1]) continue;
      row.li.animate([{ transform: `translateY(${Math.max(-600, Math.min(600, from - to))}px)` }, { transform: "none" }], { duration: 350, easing: "ease-out" });
    }
  }

  step(by) {
    const links = this.order.map((id) => this.rows.get(id)?.link).filter(Boolean);
    if (!links.length) return "";
    const at = links.indexOf(document.activeElement);
    const open = links.findIndex((link) => link.hasAttribute("aria-current"));
    const from = at >= 0 ? at : open;
    const to = from < 0 ? (by > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, from + by));
    links[to].focus({ preventScroll: true });
    links[to].closest("li").scrollIntoView({ block: "nearest", behavior: this.calm() ? "auto" : "smooth" });
    return this.order[to];
  }
}
