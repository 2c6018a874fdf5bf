// The curves of a hotspot: the last hour small in its row and large in its view, and its life by stage.
import { chart } from "./chart.js";
import { axisTime, clock } from "./words.js";

const MINUTE_S = 60;

const usualRate = (why) => why.expected / Math.max(why.scale_min, 1);
const seconds = (text) => Date.parse(text) / 1000;
const said = (words) => (at) => clock(new Date(at * 1000).toISOString(), words);

function summary(hotspot, words) {
  const { series } = hotspot.why;
  const top = Math.max(...series, 0);
  const end = seconds(hotspot.updated_at);
  const at = said(words)(end - (series.length - series.lastIndexOf(top)) * MINUTE_S);
  const rate = usualRate(hotspot.why);
  return words.curveSays(top, at, series.at(-1) || 0, rate < 0.05 ? "0" : rate.toFixed(1));
}

// What a row's small curve shows: minutes smoothed over their neighbours.
export function small(hotspot, words) {
  const { series } = hotspot.why;
  const values = series.map((_, place) => {
    const part = series.slice(Math.max(0, place - 1), place + 2);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  return { values, usual: usualRate(hotspot.why), colour: hotspot.stage, label: summary(hotspot, words) };
}

export function hour(hotspot, alerts, words) {
  const { series } = hotspot.why;
  const end = seconds(hotspot.updated_at);
  const rate = usualRate(hotspot.why);
  return chart({
    x: series.map((_, place) => end - (series.length - place) * MINUTE_S),
    series: [{ values: [...series], colour: hotspot.stage, kind: "bars", name: words.people },
      { values: series.map(() => rate), colour: "edge", kind: "usual", name: words.usualLine }],
    label: summary(hotspot, words),
    marks: alerts.map((alert) => seconds(alert.emitted_at) - MINUTE_S),
    tick: axisTime(words),
    full: said(words),
    value: (count) => (Number.isInteger(count) ? String(count) : count.toFixed(1)),
    tall: true,
  });
}

// People of the hour from emergence to now, each stretch in the colour of its stage.
export function life(moments, words) {
  const stages = [...new Set(moments.map((moment) => moment.stage))];
  return chart({
    x: moments.map((moment) => seconds(moment.at)),
    series: stages.map((stage) => ({
      // A stretch reaches to the moment that ends it.
      values: moments.map((moment, place) => (moment.stage === stage || moments[place - 1]?.stage === stage ? moment.authors : null)),
      colour: stage in words.stages ? stage : "closed",
      kind: "area",
      shade: 45,
      name: words.stages[stage] || stage,
    })),
    label: words.lifeSays,
    tick: axisTime(words),
    full: said(words),
    value: (count) => String(Math.round(count)),
  });
}
