// What is derived of a card: the figures by which it is ordered, filtered and found.
import { plain } from "./dom.js";

const RECENT = 5;
const BEFORE = 10;

export const idOf = (card) => card.hotspot.hotspot_id;

// A term that is a post or a copied text has a key for a name, which is nothing to read.
const keyed = (term) => term.startsWith("copy:") || term.startsWith("post:");

export function readable(card) {
  return card.terms.filter((_, place) => !keyed(card.hotspot.terms[place] || ""));
}

export function headline(card) {
  return card.brief && card.brief.headline ? card.brief.headline : readable(card).slice(0, 4).join(" · ") || card.terms[0] || idOf(card);
}

const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0);

// People a minute now, and against the ten minutes before: 1 faster, -1 slower, 0 the same.
export function speed(card) {
  const { series } = card.hotspot.why;
  const now = mean(series.slice(-RECENT));
  const before = mean(series.slice(-RECENT - BEFORE, -RECENT));
  const change = now > before * 1.25 + 0.2 ? 1 : now < before * 0.8 - 0.2 ? -1 : 0;
  return { now, change: card.hotspot.stage === "closed" ? 0 : change };
}

export function moodOf(card) {
  const mood = card.hotspot.why.sentiment;
  if (!mood) return "";
  return Object.keys(mood).sort((a, b) => mood[b] - mood[a])[0];
}

const searched = new WeakMap();

function textOf(card) {
  let text = searched.get(card);
  if (text === undefined) {
    const said = card.brief ? card.brief.sentences.map((sentence) => sentence.text) : [];
    text = plain([headline(card), ...card.terms, ...said].join("\n")).normalize("NFKC").toLowerCase();
    searched.set(card, text);
  }
  return text;
}

export function matches(card, view) {
  const { hotspot } = card;
  if (view.show === "alerted" && !card.alerted_at) return false;
  if (view.show === "live" && hotspot.stage === "closed") return false;
  if (view.stage && hotspot.stage !== view.stage) return false;
  if (view.platform && !(view.platform in hotspot.why.platforms)) return false;
  if (view.lang && !(view.lang in hotspot.why.languages)) return false;
  if (view.mood && moodOf(card) !== view.mood) return false;
  if (!view.q) return true;
  const text = textOf(card);
  return view.q.normalize("NFKC").toLowerCase().split(/\s+/u).filter(Boolean).every((word) => text.includes(word));
}

const ORDERS = {
  rank: (card) => card.hotspot.rank,
  speed: (card) => speed(card).now,
  people: (card) => card.hotspot.why.distinct_authors,
  began: (card) => Date.parse(card.hotspot.started_at),
};

// Live before closed, told before held back, then the order asked for; ties by id, so that nothing flickers.
export function ordered(cards, sort) {
  const figure = ORDERS[sort] || ORDERS.rank;
  const keys = new Map(cards.map((card) => [card, figure(card)]));
  return [...cards].sort((a, b) => (a.hotspot.stage === "closed") - (b.hotspot.stage === "closed")
    || (sort === "rank" ? (b.alerted_at > "") - (a.alerted_at > "") : 0)
    || keys.get(b) - keys.get(a) || (idOf(a) < idOf(b) ? -1 : 1));
}

export function related(card, cards) {
  const own = new Set(card.hotspot.terms.filter((term) => !keyed(term)));
  return cards
    .filter((other) => idOf(other) !== idOf(card))
    .map((other) => ({ other, shared: other.hotspot.terms.filter((term) => own.has(term)).length }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared)
    .slice(0, 5)
    .map(({ other }) => other);
}
