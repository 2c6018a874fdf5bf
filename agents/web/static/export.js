// What is shown, as a file: JSON as the program has it, CSV for a spreadsheet.
import { headline, idOf, moodOf, readable, speed } from "./card.js";

const COLUMNS = {
  hotspot_id: idOf,
  stage: (card) => card.hotspot.stage,
  headline,
  terms: (card) => readable(card).join(" | "),
  started_at: (card) => card.hotspot.started_at,
  updated_at: (card) => card.hotspot.updated_at,
  alerted_at: (card) => card.alerted_at,
  alerts: (card) => card.alerts,
  rank: (card) => card.hotspot.rank,
  observed: (card) => card.hotspot.why.observed,
  scale_min: (card) => card.hotspot.why.scale_min,
  expected: (card) => card.hotspot.why.expected,
  p_value: (card) => card.hotspot.why.p_value,
  people_last_hour: (card) => card.hotspot.why.distinct_authors,
  people_a_minute: (card) => speed(card).now.toFixed(2),
  mood: moodOf,
  credibility: (card) => card.hotspot.credibility,
  languages: (card) => Object.keys(card.hotspot.why.languages).join(" "),
  platforms: (card) => Object.keys(card.hotspot.why.platforms).join(" "),
  verdict: (card) => card.verdict,
  simulated: (card) => card.hotspot.simulated,
};

// A cell that begins like a formula would be run by a spreadsheet: a quote before it makes it text.
function cell(value) {
  let text = String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/u.test(text)) text = `'${text}`;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(cards) {
  const lines = [Object.keys(COLUMNS), ...cards.map((card) => Object.values(COLUMNS).map((column) => cell(column(card))))];
  return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

export function save(kind, cards) {
  const text = kind === "csv" ? csv(cards) : JSON.stringify(cards, null, 2);
  const type = kind === "csv" ? "text/csv;charset=utf-8" : "application/json";
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `hotspots-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
