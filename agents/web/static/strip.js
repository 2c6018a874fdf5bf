// The health strip: whether the worker that serves this page does its work, in one line.
import { element, plain } from "./dom.js";
import { number, percent } from "./words.js";

const OLD_MS = 5 * 60000;
const FULL = 0.1; // of the disk is left

export class Strip {
  constructor(place) {
    Object.assign(this, { place, last: null, before: null });
  }

  // A look at the worker; the strip is drawn anew for it.
  take(health) {
    this.drawn = "";
    this.before = this.last;
    this.last = { ...health, at: performance.now() };
  }

  draw(words, connected) {
    const { last, before } = this;
    this.place.hidden = !last;
    const look = `${words.code}|${connected}`;
    if (!last || look === this.drawn) return;
    this.drawn = look;
    const says = words.health;
    const span = before ? (last.at - before.at) / 1000 : 0;
    const rate = span > 0 ? Math.max(last.posts - before.posts, 0) / span : null;
    const waits = before ? last.counted - before.counted : 0;
    if (waits > 0) this.wait = (last.counted_s - before.counted_s) / waits;
    const failing = Object.entries(last.checks).filter(([, found]) => !found.ok);
    const behind = last.watermark_ms ? Date.now() - last.watermark_ms : null;
    const items = [
      rate === null ? null : [says.rate, number(rate, words.code), ""],
      [says.lag, says.lagUnit(number(last.lag, words.code)), last.lag > 10000 ? "warn" : ""],
      behind === null ? null : [says.age, behind < -60000 ? says.ageAhead : says.ageBehind(words.seconds(Math.max(behind, 0) / 1000)), behind > OLD_MS ? "warn" : ""],
      this.wait === undefined ? null : [says.counted, words.seconds(this.wait), ""],
      [says.dead, number(last.dead, words.code), last.dead ? "warn" : ""],
      [says.late, number(last.late, words.code), ""],
      last.budget_left || last.hotspots ? [says.hotspots, number(last.hotspots, words.code), ""] : null,
      last.budget_left || last.hotspots ? [says.budget, last.budget_left.toFixed(2), last.budget_left < 0.05 ? "warn" : ""] : null,
      last.waiting ? [says.waiting, number(last.waiting, words.code), ""] : null,
      last.failing ? [says.failing, number(last.failing, words.code), "warn"] : null,
      last.disk_free === null ? null : [says.disk, percent(last.disk_free), last.disk_free < FULL ? "warn" : ""],
      [says.pages, number(last.pages, words.code), ""],
      [says.model, last.checks.model?.detail === "off" ? says.off : `${plain(last.checks.model?.detail || "").split(" ")[0]} · ${plain(last.checks.provider?.detail || "")}`, ""],
    ].filter(Boolean);
    const state = element("b", { class: !connected ? "unknown" : last.ready ? "ok" : "bad" }, last.ready ? says.ready : says.notReady);
    this.place.replaceChildren(state,
      ...failing.map(([name, found]) => element("span", { class: "bad" }, `${says.checks[name] || name}: ${plain(found.detail)}`)),
      ...items.map(([name, value, level]) => element("span", { class: level }, `${name} `, element("b", {}, value))));
  }
}
