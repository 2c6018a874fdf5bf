// Small gauges: how a mood leans, how a whole is shared, how much of something there is.
import { element, plain } from "./dom.js";
import { percent } from "./words.js";

const MOODS = ["negative", "neutral", "positive"];

export const signed = (mood) => `${mood > 0 ? "+" : mood < 0 ? "−" : ""}${Math.abs(mood).toFixed(2)}`;

export function moodBar(mood, words) {
  const label = MOODS.map((name) => `${words.moods[name]} ${percent(mood[name] || 0)}`).join(", ");
  const bar = element("div", { class: "mood-bar", role: "img", "aria-label": `${words.mood}: ${label}`, title: label });
  for (const name of MOODS) {
    const part = element("i", { class: name });
    part.style.flexGrow = String((mood[name] || 0) * 100);
    bar.append(part);
  }
  return bar;
}

// A mood between -1 and 1, from the middle to its side; a mark where it usually is.
export function leaning(mood, usual, words) {
  const made = element("div", { class: "leaning", role: "img", "aria-label": `${words.mood} ${signed(mood)}${usual === null || usual === undefined ? "" : `, ${words.usual(signed(usual))}`}` });
  const bar = element("i", { class: mood < 0 ? "negative" : "positive" });
  bar.style.left = percent(0.5 + Math.min(mood, 0) / 2);
  bar.style.width = `${Math.abs(mood) * 50}%`;
  made.append(bar);
  if (usual !== null && usual !== undefined) {
    const mark = element("i", { class: "mark" });
    mark.style.left = percent(0.5 + usual / 2);
    made.append(mark);
  }
  return made;
}

export function meter(share, label) {
  const level = share >= 0.8 ? "high" : share >= 0.5 ? "middle" : "low";
  const made = element("div", { class: `meter ${level}`, role: "img", "aria-label": label });
  const filled = element("i");
  filled.style.width = percent(share);
  made.append(filled);
  return made;
}

// Parts of a whole side by side, and beneath them by name.
export function shareBar(parts, label) {
  const bar = element("div", { class: "share-bar", "aria-hidden": "true" });
  for (const { share, colour } of parts) {
    const part = element("i");
    part.style.flexGrow = String(Math.max(share * 100, 0.5));
    part.style.background = `var(--${colour})`;
    bar.append(part);
  }
  return element("div", {}, bar, element("ul", { class: "shares", "aria-label": label }, ...parts.map(({ name, share, colour }) => {
    const dot = element("i");
    dot.style.background = `var(--${colour})`;
    return element("li", {}, dot, element("span", { dir: "auto" }, plain(name)), element("b", {}, percent(share)));
  })));
}

export const shares = (by, words) => Object.entries(by).slice(0, 3).map(([name, share]) => `${plain(name) || words.noWhere} ${percent(share)}`);
