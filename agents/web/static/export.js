// What is shown, as a file: JSON as the program has it, CSV for a spreadsheet, PNG for a report.
import { headline, idOf, moodOf, readable, speed } from "./card.js";

export const HOTSPOT_COLUMNS = {
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

const figure = (name) => (point) => point[name] ?? "";
export const WATCH_COLUMNS = Object.fromEntries(
  ["at", "posts", "posts_before", "authors", "share_of_voice", "mood", "mood_before"].map((name) => [name, figure(name)]));

// A cell that begins like a formula would be run by a spreadsheet: a quote before it makes it text.
function cell(value) {
  let text = String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/u.test(text)) text = `'${text}`;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(columns, items) {
  const lines = [Object.keys(columns), ...items.map((item) => Object.values(columns).map((column) => cell(column(item))))];
  return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

export const asCsv = (columns, items) => new Blob([csv(columns, items)], { type: "text/csv;charset=utf-8" });

export const asJson = (items) => new Blob([JSON.stringify(items, null, 2)], { type: "application/json" });

// Save a file under a name of its kind and of this minute.
export function save(blob, name, kind) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
