// Charts on uPlot: drawn once their place is seen and has a width, in the colours of the style sheet, let go with it.
// A chart is a picture with a label for who cannot see it, and says what is under the pointer in a line beneath.
import { element } from "./dom.js";

/* global uPlot */

const charts = new Map(); // host → { build, plot }, of what is on the page
const FONT = '12px system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif';

let theme = "";
let inks = {};

// A colour of the style sheet by the name of its variable: canvases know no variables.
export function ink(name) {
  if (theme !== document.documentElement.dataset.theme) {
    theme = document.documentElement.dataset.theme;
    inks = {};
  }
  return (inks[name] ||= getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
}

const faint = (colour, share) => `color-mix(in srgb, ${colour} ${share}%, transparent)`;

const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const chart = charts.get(target);
    const [width, height] = [Math.floor(contentRect.width), Math.floor(contentRect.height)];
    if (!chart || !width || !height) continue;
    if (chart.plot) chart.plot.setSize({ width, height });
    else chart.plot = chart.build(width, height);
  }
});

function hang(host, build) {
  charts.set(host, { build, plot: null });
  sizes.observe(host);
  return host;
}

// Let go of the charts inside a node that is about to leave the page.
export function release(node) {
  for (const [host, { plot }] of charts) {
    if (!node.contains(host)) continue;
    sizes.unobserve(host);
    plot?.destroy();
    charts.delete(host);
  }
}

// The canvas of a chart, once it is drawn; undefined before.
export const canvasOf = (host) => charts.get(host)?.plot?.ctx.canvas;

const SPARK = {
  legend: { show: false }, cursor: { show: false }, select: { show: false }, padding: [2, 0, 2, 0],
  axes: [{ show: false }, { show: false }],
};

// The small curve of a row: `values` against what is usual, without axes.
// Changed in place by `set`, so that a list of them costs nothing but what changed.
export class Spark {
  constructor() {
    this.host = element("div", { class: "spark", role: "img" });
    hang(this.host, (width, height) => new uPlot({
      ...SPARK, width, height,
      scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, Math.max(high, this.usual * 1.5, 1)] } },
      series: [{}, { stroke: () => ink(this.colour), fill: () => faint(ink(this.colour), 14), width: 2, points: { show: false } },
        { stroke: () => ink("edge"), width: 1, dash: [3, 3], points: { show: false } }],
    }, this.data, this.host));
  }

  set({ values, usual, colour, label }) {
    Object.assign(this, { usual: usual || 0, colour });
    this.data = [values.map((_, place) => place), values, values.map(() => usual)];
    this.host.setAttribute("aria-label", label);
    charts.get(this.host)?.plot?.setData(this.data);
  }
}

const nice = (high) => {
  const step = 10 ** Math.floor(Math.log10(Math.max(high, 1)));
  return [1, 2, 4, 6, 8, 10].map((times) => times * step).find((value) => value >= high) || high;
};

function stroke(series) {
  const colour = () => ink(series.colour);
  const base = { stroke: colour, width: series.kind === "usual" ? 1.5 : 2, points: { show: false } };
  if (series.kind === "usual") return { ...base, dash: [4, 4] };
  if (series.kind === "bars") return { ...base, width: 0, fill: colour, paths: uPlot.paths.bars({ size: [0.8, 40], align: 1 }) };
  if (series.kind === "area") return { ...base, fill: () => faint(colour(), series.shade || 18) };
  return base;
}

// Lines from the top to the axis where something happened, each with a dot above.
function marked(marks) {
  return (plot) => {
    const { ctx, bbox } = plot;
    const dot = 4 * devicePixelRatio;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = ink("ink");
    ctx.lineWidth = devicePixelRatio;
    for (const at of marks) {
      const x = Math.round(plot.valToPos(at, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(x, bbox.top, dot, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  };
}

// A chart with axes. x: seconds, or anything whose round `steps` are given; series: [{ values, colour, kind, name }];
// range: [low, high] or none for from 0 to a round number; marks: seconds; tick(x), value(y): how they are
// said at the axes, full(x) how under the pointer.
export function chart({ x, series, label, range, marks = [], tick, full = tick, value = String, steps = TIMES_S, tall = false }) {
  const host = element("div", { class: `chart${tall ? " tall" : ""}`, role: "img", "aria-label": label });
  const said = element("p", { class: "pointed", "aria-hidden": "true" });
  const axis = { stroke: () => ink("soft"), font: FONT, ticks: { show: false } };
  const say = (plot) => {
    const at = plot.cursor.idx;
    said.textContent = at === null || at === undefined || plot.cursor.left < 0 ? "" : [full(x[at]),
      ...series.filter((one) => one.values[at] !== null && one.values[at] !== undefined).map((one) => `${one.name} ${value(one.values[at])}`)].join("   ");
  };
  const bars = series.some((one) => one.kind === "bars");
  const step = x.length > 1 ? x[1] - x[0] : 1;
  hang(host, (width, height) => new uPlot({
    width, height, legend: { show: false }, padding: [8, 20, 0, 0],
    cursor: { y: false, drag: { setScale: false, x: false, y: false }, points: { show: !bars } },
    scales: {
      x: { time: false, range: (_plot, low, high) => [low, bars ? high + step : Math.max(high, low + step)] },
      y: { range: (_plot, _low, high) => range || [0, nice(high || 1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 26, gap: 6, splits: (plot) => named(plot, steps), values: (_plot, at) => at.map(tick) },
      { ...axis, grid: { stroke: () => ink("line"), width: 1 }, size: 44, gap: 6, splits: ({ scales: { y } }) => (y.max - y.min === 1 && !range ? [y.min, y.max] : [y.min, (y.min + y.max) / 2, y.max]), values: (_plot, at) => at.map((one) => value(one)) },
    ],
    series: [{}, ...series.map(stroke)],
    hooks: { draw: [marked(marks)], setCursor: [say] },
  }, [x, ...series.map((one) => one.values)], host));
  return element("div", { class: "charted" }, host, said);
}

const TIMES_S = [60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800];
const NAME_PX = 90;

// Round places along the axis, as many as have room for their names.
function named({ width, scales: { x: { min, max } } }, steps) {
  const step = steps.find((one) => (max - min) / one <= width / NAME_PX) || steps.at(-1);
  const zone = steps === TIMES_S ? new Date(min * 1000).getTimezoneOffset() * 60 : 0; // round where the reader is
  const first = Math.ceil((min - zone) / step);
  return Array.from({ length: Math.floor((max - zone) / step) - first + 1 }, (_, place) => (first + place) * step + zone);
}

export const hostOf = (charted) => charted.querySelector(".chart");

// A small curve on a canvas of its own, for a picture.
export async function painted({ values, usual, colour }, width, height) {
  const spark = new Spark();
  spark.set({ values, usual, colour, label: "" });
  const plot = charts.get(spark.host).build(width, height);
  await new Promise((done) => { setTimeout(done); }); // uPlot draws once whoever made it is done
  const { canvas } = plot.ctx;
  release(spark.host);
  plot.destroy();
  return canvas;
}
