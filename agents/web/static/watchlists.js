// The watchlists: each at a glance by group, and one of them with how it went over the last day.
import { Spark, chart, hostOf, release } from "./chart.js";
import { element, plain, quoted } from "./dom.js";
import { WATCH_COLUMNS, asCsv, save } from "./export.js";
import { leaning, shareBar, signed } from "./gauges.js";
import { pictureOfChart } from "./picture.js";
import { axisTime, clock, number, percent } from "./words.js";

const SOON_MS = 300;
const GROUP_COLOURS = ["emerging", "fading", "peaking", "positive", "rising", "closed"];

const seconds = (text) => Date.parse(text) / 1000;
const section = (title, ...content) => element("section", {}, element("h2", {}, title), ...content);
const volume = (report, words) => [element("b", {}, number(report.posts, words.code)), ` ${words.watch.postsAnHour}`];
const usualVolume = (report, words) => (report.posts_before === null ? words.watch.usualUnknown : words.usual(number(report.posts_before, words.code)));

// One watchlist in the list, changed in place.
class Tile {
  constructor(name, address) {
    this.spark = new Spark();
    this.link = element("a", { href: address, "data-go": "" });
    this.body = element("div", { class: "told" });
    this.node = element("li", { class: "tile", "data-name": name }, element("h3", {}, this.link), element("div", { class: "curve" }, this.spark.host), this.body);
  }

  fill({ watchlist, report, alert }, words) {
    const key = [report?.emitted_at, alert?.alert_id, watchlist.query, words.code, document.documentElement.dataset.theme].join("|");
    if (key === this.key) return;
    this.key = key;
    this.link.textContent = plain(watchlist.name);
    this.link.dir = "auto";
    this.spark.set({ values: report ? [...report.series] : [], usual: report?.posts_before ? report.posts_before / 60 : null, colour: "emerging",
      label: report ? words.watch.curveSays(number(report.posts, words.code), usualVolume(report, words)) : words.watch.waiting });
    const query = quoted("p", watchlist.query, { class: "query" });
    if (!report) { this.body.replaceChildren(query, element("p", { class: "soft" }, words.watch.waiting)); return; }
    const reasons = [["negative", report.negative[0]], ["positive", report.positive[0]]].filter(([, reason]) => reason);
    this.body.replaceChildren(query,
      element("p", { class: "meta" }, element("span", {}, ...volume(report, words)), element("span", {}, usualVolume(report, words)),
        element("span", {}, words.watch.people(number(report.authors, words.code)))),
      report.mood === null ? element("p", { class: "soft" }, words.noMood)
        : element("div", { class: "line" }, leaning(report.mood, report.mood_before, words), element("b", {}, signed(report.mood)),
          element("small", {}, report.learning < 1 ? words.warming(percent(report.learning)) : words.usual(signed(report.mood_before ?? 0)))),
      ...reasons.map(([side, reason]) => element("p", { class: `because ${side}` }, quoted("span", reason.phrase), element("small", {}, percent(reason.share)))),
      ...(alert ? [element("p", { class: `turned ${alert.direction === "worse" ? "worse" : "better"}` }, words.watch.turned(alert.direction, clock(alert.emitted_at, words)))] : []));
  }
}

export class Watchlists {
  // pane: where they are drawn; words(); address(name): of one.
  constructor(pane, { words, address }) {
    Object.assign(this, { pane, words, address, known: new Map(), tiles: new Map(), name: "", found: null, serial: 0, signature: "" });
  }

  take(name, listed) {
    if (listed) this.known.set(name, listed); else this.known.delete(name);
    if (this.name && (name === this.name || this.found?.group?.some((one) => one.watchlist.name === name))) {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.show(this.name), SOON_MS);
    }
  }

  async show(name) {
    if (name !== this.name) this.#empty();
    Object.assign(this, { name, found: name === this.name ? this.found : null });
    if (!name) return;
    const serial = (this.serial += 1);
    let found;
    try {
      const response = await fetch(`/api/watchlists/${encodeURIComponent(name)}`);
      found = response.ok ? await response.json() : { missing: response.status === 404 };
    } catch { found = { missing: false }; }
    if (serial !== this.serial || name !== this.name) return;
    if (found.listed || !this.found?.listed) this.found = found;
    this.#drawOne(this.words());
  }

  // The worker is there again.
  again() {
    if (this.name && !this.found?.listed) this.show(this.name);
  }

  #empty() {
    release(this.pane);
    this.pane.replaceChildren();
    this.tiles.clear();
    this.signature = "";
  }

  draw(query) {
    const words = this.words();
    if (this.name) { if (this.drawnIn !== this.#look(words)) this.#drawOne(words); return; }
    const asked = query.normalize("NFKC").toLowerCase();
    const shown = [...this.known.values()].filter(({ watchlist }) => `${watchlist.name} ${watchlist.query} ${watchlist.group || ""}`.normalize("NFKC").toLowerCase().includes(asked));
    const groups = new Map();
    for (const listed of shown.sort((a, b) => (a.watchlist.name < b.watchlist.name ? -1 : 1))) {
      const group = listed.watchlist.group || "";
      groups.set(group, [...(groups.get(group) || []), listed]);
    }
    const signature = JSON.stringify([words.code, [...groups].map(([group, lists]) => [group, lists.map((one) => one.watchlist.name)])]);
    if (signature !== this.signature) this.#lay(groups, words, signature);
    for (const [group, lists] of groups) {
      for (const listed of lists) this.tiles.get(listed.watchlist.name).fill(listed, words);
      if (group) this.voices.get(group).replaceChildren(element("p", { class: "soft" }, words.watch.voice), ...this.#voice(lists, words));
    }
  }

  #lay(groups, words, signature) {
    this.#empty();
    this.signature = signature;
    this.voices = new Map([...groups.keys()].map((group) => [group, element("div", { class: "voice" })]));
    for (const listed of [...groups.values()].flat()) this.tiles.set(listed.watchlist.name, new Tile(listed.watchlist.name, this.address(listed.watchlist.name)));
    this.pane.append(element("h1", { class: "unseen" }, words.views.watchlists));
    if (!groups.size) {
      this.pane.append(element("p", { class: "nothing" }, element("b", {}, this.known.size ? words.watch.noMatch : words.watch.none), element("span", {}, words.watch.noneHint), element("code", {}, 'redian watch add NAME "a OR b"')));
    }
    for (const [group, lists] of [...groups].sort(([a], [b]) => (a === "") - (b === "") || (a < b ? -1 : 1))) {
      this.pane.append(element("section", { class: "group" }, group ? quoted("h2", group) : element("h2", { class: groups.size > 1 ? undefined : "unseen" }, words.watch.alone),
        this.voices.get(group), element("ul", { class: "tiles" }, ...lists.map((one) => this.tiles.get(one.watchlist.name).node))));
    }
  }

  // Share of voice: of the people of a group, how many speak of each of its lists.
  #voice(lists, words) {
    const told = lists.filter((one) => one.report?.share_of_voice !== null && one.report?.share_of_voice !== undefined);
    if (!told.length) return [];
    const parts = told.map((one, place) => ({ name: plain(one.watchlist.name), share: one.report.share_of_voice, colour: GROUP_COLOURS[place % GROUP_COLOURS.length] }));
    return [shareBar(parts, words.watch.voice)];
  }

  #look(words) {
    return [words.code, document.documentElement.dataset.theme, this.name, this.found?.listed?.report?.emitted_at].join("|");
  }

  #drawOne(words) {
    this.drawnIn = this.#look(words);
    const open = [...this.pane.querySelectorAll("details[open]")].map((one) => one.dataset.name);
    const focused = this.pane.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
    this.#empty();
    const back = element("a", { class: "button", href: "/watchlists", "data-go": "", "data-focus": "back" }, `← ${words.watch.back}`);
    const body = !this.found ? [quoted("h1", this.name), element("p", { class: "soft" }, words.loading)] : this.found.listed ? this.#body(words) : this.#missing(words);
    this.pane.append(element("p", { class: "actions" }, back), ...body);
    for (const one of this.pane.querySelectorAll("details")) one.open = open.includes(one.dataset.name);
    if (focused) this.pane.querySelector(`[data-focus="${focused}"]`)?.focus({ preventScroll: true });
  }

  #missing(words) {
    const again = element("button", { type: "button" }, words.again);
    again.addEventListener("click", () => this.show(this.name));
    return [element("h1", {}, this.found.missing ? words.watch.gone : words.away), again];
  }

  #body(words) {
    const { listed: { watchlist, report }, points, alerts, group } = this.found;
    const head = [quoted("h1", watchlist.name), quoted("p", watchlist.query, { class: "query" })];
    if (!report) return [...head, element("p", { class: "soft" }, words.watch.waiting)];
    const says = words.watch;
    const turns = alerts.map((alert) => seconds(alert.emitted_at));
    return [
      ...head,
      element("dl", { class: "figures" }, ...this.#figures(report, words).flatMap(([name, value, note]) => element("div", {}, element("dt", {}, name), element("dd", {}, element("b", {}, value), note ? element("small", {}, note) : null)))),
      element("div", { class: "columns" },
        element("div", {},
          this.#curve(says.volume, says.volumeNote, points, [["posts", "emerging", "area", says.posts], ["posts_before", "edge", "usual", words.usualLine]], { marks: turns, value: (count) => number(count, words.code) }, words),
          report.mood === null ? section(says.mood, element("p", { class: "soft" }, words.noMood))
            : this.#curve(says.mood, says.moodNote, points, [["mood", report.mood < 0 ? "negative" : "positive", "line", words.mood], ["mood_before", "edge", "usual", words.usualLine]], { marks: turns, range: [-1, 1], value: signed }, words),
          group.length > 1 ? section(says.voice, ...this.#voice(group, words)) : null,
          group.length > 1 && report.share_of_voice !== null ? this.#curve(says.voiceCourse, "", points, [["share_of_voice", "emerging", "line", says.voice]], { range: [0, 1], value: percent }, words) : null),
        element("div", {},
          section(says.reasons, ...this.#reasons(report, words)),
          section(says.aspects, this.#aspects(report, words)),
          section(says.turns, this.#turns(alerts, words)))),
      element("p", { class: "actions" }, this.#saving(points), element("a", { class: "button", href: `/api/watchlists/${encodeURIComponent(watchlist.name)}`, "data-focus": "json" }, words.asJson)),
    ];
  }

  #figures(report, words) {
    const says = words.watch;
    const mood = report.mood === null ? [] : [[words.mood, signed(report.mood), report.learning < 1 ? words.warming(percent(report.learning)) : words.usual(signed(report.mood_before ?? 0))]];
    return [[says.postsAnHour, number(report.posts, words.code), usualVolume(report, words)], [words.people, number(report.authors, words.code), says.lastHour],
      ...(report.share_of_voice === null ? [] : [[says.voice, percent(report.share_of_voice), says.ofGroup]]), ...mood,
      [says.asOf, clock(report.emitted_at, words), ""]];
  }

  #curve(title, note, points, lines, { marks = [], range, value }, words) {
    const charted = chart({
      x: points.map((point) => seconds(point.at)),
      series: lines.map(([field, colour, kind, name]) => ({ values: points.map((point) => point[field]), colour, kind, name })),
      label: words.watch.chartSays(title, value(points.at(-1)[lines[0][0]] ?? 0)), range, marks, value,
      tick: axisTime(words), full: (at) => clock(new Date(at * 1000).toISOString(), words),
    });
    const button = element("button", { type: "button", class: "small", "data-focus": `png-${title}`, "aria-label": `PNG: ${title}` }, "PNG");
    button.addEventListener("click", async () => save(await pictureOfChart(hostOf(charted), `${this.name} · ${title}`, note), "watchlist", "png"));
    return element("section", {}, element("h2", {}, title, button), note ? element("p", { class: "soft" }, note) : null, charted);
  }

  #reasons(report, words) {
    const sides = [["negative", report.negative], ["positive", report.positive]].filter(([, reasons]) => reasons.length);
    if (!sides.length) return [element("p", { class: "soft" }, words.watch.noReasons)];
    return sides.map(([side, reasons]) => element("div", { class: `side ${side}` }, element("h3", {}, words.moods[side]),
      element("ul", {}, ...reasons.map((reason) => element("li", {}, quoted("b", reason.phrase), element("small", {}, words.watch.reason(percent(reason.share), percent(reason.elsewhere))),
        element("details", { "data-name": `${side} ${reason.phrase}` }, element("summary", {}, words.saidBy(reason.posts.length)), element("code", {}, plain(reason.posts.join("  ")))))))));
  }

  #aspects(report, words) {
    const found = Object.entries(report.aspects).sort(([, a], [, b]) => b.posts - a.posts);
    if (!found.length) return element("p", { class: "soft" }, words.watch.noAspects);
    return element("ul", { class: "aspects" }, ...found.map(([name, aspect]) => element("li", {}, quoted("span", words.watch.aspectNames[name] || name),
      aspect.mood === null ? element("span", {}) : leaning(aspect.mood, null, words), element("b", {}, aspect.mood === null ? "" : signed(aspect.mood)),
      element("small", {}, words.saidBy(aspect.posts)))));
  }

  #turns(alerts, words) {
    if (!alerts.length) return element("p", { class: "soft" }, words.watch.noTurns);
    return element("ol", { class: "timeline" }, ...[...alerts].reverse().map((alert) => element("li", { class: alert.direction === "worse" ? "rising" : "positive" },
      element("time", { datetime: alert.emitted_at }, clock(alert.emitted_at, words)),
      quoted("span", `${words.watch.turnedBy(alert.direction, signed(alert.mood_before), signed(alert.mood), number(alert.authors, words.code))}${alert.reasons.length ? ` · ${alert.reasons.map((reason) => reason.phrase).join(" · ")}` : ""}`))));
  }

  #saving(points) {
    const button = element("button", { type: "button", "data-focus": "csv" }, "CSV");
    button.addEventListener("click", () => save(asCsv(WATCH_COLUMNS, points), "watchlist", "csv"));
    return button;
  }
}
