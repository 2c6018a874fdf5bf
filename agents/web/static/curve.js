// Curves as SVG: the small one of a row, the hour and the life of a hotspot. Colours come from the style sheet.
import { svg } from "./dom.js";
import { clock } from "./words.js";

const MINUTE = 60000;

const usualRate = (why) => why.expected / Math.max(why.scale_min, 1);

export function summary(hotspot, words) {
  const { series } = hotspot.why;
  const top = Math.max(...series, 0);
  const end = Date.parse(hotspot.updated_at);
  const at = clock(new Date(end - (series.length - series.lastIndexOf(top)) * MINUTE).toISOString(), words);
  const rate = usualRate(hotspot.why);
  return words.curveSays(top, at, series.at(-1) || 0, rate < 0.05 ? "0" : rate.toFixed(1));
}

export function spark(hotspot, words) {
  const { series } = hotspot.why;
  const smooth = series.map((_, place) => {
    const part = series.slice(Math.max(0, place - 1), place + 2);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const width = 120;
  const height = 30;
  const rate = usualRate(hotspot.why);
  const top = Math.max(...smooth, rate * 1.5, 1);
  const x = (place) => (place / Math.max(smooth.length - 1, 1)) * width;
  const y = (value) => height - (value / top) * (height - 3) - 1;
  const points = smooth.map((value, place) => `${x(place).toFixed(1)} ${y(value).toFixed(1)}`);
  const line = points.length ? `M${points.join("L")}` : "";
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", class: "spark", role: "img", "aria-label": summary(hotspot, words) },
    svg("path", { class: "under", d: line && `${line}L${width} ${height}L0 ${height}Z` }),
    svg("path", { class: "usual", d: `M0 ${y(rate).toFixed(1)}H${width}` }),
    svg("path", { class: "line", d: line }));
}

function nice(top) {
  const step = 10 ** Math.floor(Math.log10(Math.max(top, 1)));
  return [1, 2, 4, 6, 8, 10].map((times) => times * step).find((value) => value >= top) || top;
}

const LEFT = 34;
const RIGHT = 8;

function frame(width, height, top, label, y) {
  const marks = top >= 2 ? [0, top / 2, top] : [0, top];
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": label },
    marks.map((value) => svg("path", { class: "grid", d: `M${LEFT} ${y(value)}H${width - RIGHT}` })),
    marks.map((value) => svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, String(value))));
}

export function hour(hotspot, alerts, words, width) {
  const { series } = hotspot.why;
  const end = Date.parse(hotspot.updated_at);
  const rate = usualRate(hotspot.why);
  const height = 190;
  const base = height - 24;
  const top = nice(Math.max(...series, Math.ceil(rate), 1));
  const y = (value) => Math.round((base - (value / top) * (base - 16)) * 10) / 10;
  const step = (width - LEFT - RIGHT) / Math.max(series.length, 1);
  const made = frame(width, height, top, summary(hotspot, words), y);
  const timeOf = (place) => clock(new Date(end - (series.length - place) * MINUTE).toISOString(), words, true);
  series.forEach((count, place) => {
    const x = LEFT + place * step;
    made.append(svg("rect", { class: "minute", x: x + 0.6, y: y(count), width: Math.max(step - 1.2, 1), height: base - y(count), rx: 1 }),
      svg("rect", { class: "touch", x, y: 16, width: step, height: base - 16 }, svg("title", {}, `${timeOf(place)}  ${count}`)));
  });
  made.append(svg("path", { class: "usual", d: `M${LEFT} ${y(rate)}H${width - RIGHT}` }));
  for (let place = 0; place <= series.length; place += 15) {
    const anchor = place === 0 ? "start" : place >= series.length ? "end" : "middle";
    made.append(svg("text", { x: LEFT + place * step, y: height - 6, "text-anchor": anchor }, timeOf(place)));
  }
  for (const alert of alerts) {
    const x = LEFT + (series.length - (end - Date.parse(alert.emitted_at)) / MINUTE - 1) * step;
    if (x < LEFT || x > width - RIGHT) continue;
    made.append(svg("path", { class: "told", d: `M${x} 14V${base}` }),
      svg("circle", { class: "told", cx: x, cy: 9, r: 4.5 }, svg("title", {}, words.told(clock(alert.emitted_at, words)))));
  }
  return made;
}

export function life(moments, words, width) {
  const height = 120;
  const base = height - 24;
  const begin = Date.parse(moments[0].at);
  const span = Math.max(Date.parse(moments.at(-1).at) - begin, MINUTE);
  const top = nice(Math.max(...moments.map((moment) => moment.authors), 1));
  const x = (moment) => LEFT + ((Date.parse(moment.at) - begin) / span) * (width - LEFT - RIGHT);
  const y = (value) => Math.round((base - (value / top) * (base - 10)) * 10) / 10;
  const made = frame(width, height, top, words.lifeSays, y);
  moments.forEach((moment, place) => {
    const next = moments[place + 1];
    if (!next) return;
    const [from, to] = [x(moment), x(next)];
    made.append(svg("path", { class: `part ${moment.stage}`, d: `M${from} ${base}V${y(moment.authors)}L${to} ${y(next.authors)}V${base}Z` },
      svg("title", {}, `${clock(moment.at, words)}  ${words.stages[moment.stage] || moment.stage}  ${moment.authors}`)));
  });
  [[moments[0], "start"], [moments.at(-1), "end"]].forEach(([moment, anchor]) => {
    made.append(svg("text", { x: x(moment), y: height - 6, "text-anchor": anchor }, clock(moment.at, words)));
  });
  return made;
}
