// Profiles: who writes most, and of one author what they write about, when, in what mood, what they pass on, and what
// may interest them. Authors are known by a hash alone.
import { chart, release } from "./chart.js";
import { element, plain, quoted } from "./dom.js";
import { moodBar } from "./gauges.js";
import { clock, number, percent } from "./words.js";

const SOON_MS = 250;
const KINDS = /^(tag|word|phrase|entity|domain|url|post|copy):/u;

const section = (title, ...content) => element("section", {}, element("h2", {}, title), ...content);
const shown = (term) => (term.startsWith("tag:") ? `#${term.slice(4)}` : term.replace(KINDS, ""));
const heaviest = (table, most) => Object.entries(table || {}).sort(([, a], [, b]) => b - a).slice(0, most);
const total = (table) => Object.values(table).reduce((sum, weight) => sum + weight, 0) || 1;

// Bytes asked of the server, or why there are none: { found }, { missing } or { away }.
async function asked(path, options) {
  try {
    const response = await fetch(path, options);
    if (response.ok) return { found: await response.json() };
    return { missing: response.status === 404 || response.status === 400 };
  } catch { return { missing: false }; }
}

const POST = { method: "POST", headers: { "Content-Type": "application/json" } };

export class Profiles {
  // pane: where they are drawn; words(); address(page, open): of something; open(id): opens a hotspot.
  constructor(pane, { words, address, open }) {
    Object.assign(this, { pane, words, address, open, author: "", digits: "", some: null, one: null, recommended: null, serial: 0 });
  }

  // What the address says: an author, or a list of those whose hash begins with the digits of the search.
  show(author, digits) {
    const changed = author !== this.author || digits !== this.digits;
    if (author !== this.author) Object.assign(this, { one: null, recommended: null });
    Object.assign(this, { author, digits });
    clearTimeout(this.soon);
    if (changed) this.redraw();
    this.soon = setTimeout(() => this.#read(), changed && !author && digits ? SOON_MS : 0);
  }

  again() {
    if (this.author ? !this.one?.found : !this.some?.found) this.#read();
  }

  async #read() {
    const { author } = this;
    const serial = (this.serial += 1);
    const told = await asked(author ? `/api/profiles/${author}` : `/api/profiles?q=${encodeURIComponent(this.digits.trim())}`);
    if (serial !== this.serial || author !== this.author) return;
    if (author) this.one = told; else this.some = told;
    this.redraw();
  }

  draw() {
    if (this.drawnIn !== this.#look()) this.redraw();
  }

  #look() {
    return `${this.words().code}|${document.documentElement.dataset.theme}`;
  }

  redraw() {
    this.drawnIn = this.#look();
    const words = this.words();
    const focused = this.pane.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
    release(this.pane);
    this.pane.replaceChildren(...(this.author ? this.#one(words) : this.#some(words)));
    if (focused) this.pane.querySelector(`[data-focus="${focused}"]`)?.focus({ preventScroll: true });
  }

  #nothing(told, words, hint) {
    const again = element("button", { type: "button" }, words.again);
    again.addEventListener("click", () => this.#read());
    return element("div", { class: "nothing" }, element("b", {}, told.missing ? words.profile.gone : words.away), element("span", {}, told.missing ? hint : ""), told.missing ? null : again);
  }

  #some(words) {
    const says = words.profile;
    const title = element("h1", { class: "unseen" }, words.views.profiles);
    const about = element("p", { class: "soft about" }, says.about);
    if (!this.some) return [title, about, element("p", { class: "soft" }, words.loading)];
    const { found } = this.some;
    if (!found) return [title, about, this.#nothing(this.some, words, says.digits)];
    if (!found.profiles.length) return [title, about, element("div", { class: "nothing" }, element("b", {}, this.digits ? says.noMatch : says.none), element("span", {}, this.digits ? says.digits : says.noneHint))];
    return [title, about, element("p", { class: "soft", role: "status" }, says.count(number(found.profiles.length, words.code), number(found.count, words.code))),
      element("ol", { class: "authors" }, ...found.profiles.map((profile) => element("li", {},
        element("a", { href: this.address("profiles", profile.author), "data-go": "", class: "hash", "data-focus": profile.author }, profile.author),
        element("small", {}, plain(profile.platform), " · ", says.posts(profile.posts.toFixed(1))),
        quoted("span", heaviest(profile.terms, 6).map(([term]) => shown(term)).join(" · "), { class: "terms" }),
        profile.mood ? moodBar(profile.mood, words) : element("small", {}, words.noMood))))];
  }

  #one(words) {
    const says = words.profile;
    const back = element("p", { class: "actions" }, element("a", { class: "button", href: "/profiles", "data-go": "", "data-focus": "back" }, `← ${says.back}`));
    if (!this.one) return [back, element("h1", { class: "hash" }, this.author), element("p", { class: "soft" }, words.loading)];
    const { found } = this.one;
    if (!found) return [back, element("h1", { class: "hash" }, this.author), this.#nothing(this.one, words, says.goneHint)];
    const spoken = total(found.languages);
    return [
      back,
      element("h1", { class: "hash" }, found.author),
      element("p", { class: "meta" }, element("span", {}, plain(found.platform)), element("span", {}, says.posts(found.posts.toFixed(1))),
        element("span", {}, says.reposts(percent(found.reposts / Math.max(found.posts, 1e-9)))), element("span", {}, says.until(clock(found.updated_at, words)))),
      element("p", { class: "soft about" }, says.whose),
      element("div", { class: "columns" },
        element("div", {},
          section(says.interests, this.#weighed(found.terms, words, says.noInterests)),
          section(says.spreads, this.#weighed(found.spreads, words, says.noSpreads)),
          section(says.hours, this.#hours(found, words))),
        element("div", {},
          section(words.mood, found.mood ? moodBar(found.mood, words) : element("p", { class: "soft" }, words.noMood),
            found.mood ? element("p", { class: "soft" }, Object.entries(found.mood).map(([name, share]) => `${words.moods[name] || plain(name)} ${percent(share)}`).join(" · ")) : null),
          section(words.languages, element("p", {}, heaviest(found.languages, 5).map(([lang, weight]) => `${plain(lang)} ${percent(weight / spoken)}`).join(" · ") || words.noWhere)),
          section(says.recommended, ...this.#recommended(words)))),
      element("p", { class: "actions" }, element("a", { class: "button", href: `/api/profiles/${found.author}`, "data-focus": "json" }, words.asJson)),
    ];
  }

  #weighed(table, words, none) {
    const rows = heaviest(table, 24);
    if (!rows.length) return element("p", { class: "soft" }, none);
    const most = rows[0][1];
    return element("ul", { class: "weighed" }, ...rows.map(([term, weight]) => {
      const bar = element("i");
      bar.style.width = percent(weight / most);
      return element("li", {}, quoted("span", shown(term)), element("span", { class: "bar", "aria-hidden": "true" }, bar), element("small", {}, weight.toFixed(1)));
    }));
  }

  #hours(profile, words) {
    const busiest = profile.hours.indexOf(Math.max(...profile.hours));
    return chart({
      x: profile.hours.map((_, hour) => hour), series: [{ values: [...profile.hours], colour: "emerging", kind: "bars", name: words.profile.written }],
      label: words.profile.hoursSay(busiest), tick: (hour) => `${Math.round(hour)}:00`, value: (posts) => posts.toFixed(1), steps: [1, 2, 3, 6, 12],
    });
  }

  #recommended(words) {
    const says = words.profile;
    const told = this.recommended;
    const ask = element("button", { type: "button", id: "recommend", "data-focus": "recommend", disabled: told === "busy" }, told === "busy" ? words.loading : says.recommend);
    ask.addEventListener("click", () => this.#ask());
    if (!told || told === "busy") return [element("p", { class: "soft" }, says.recommendHint), ask];
    if (!told.found) return [element("p", { class: "soft", role: "status" }, says.nobody), ask];
    if (!told.found.items.length) return [element("p", { class: "soft", role: "status" }, says.nothing), ask];
    return [element("ol", { class: "suggested" }, ...told.found.items.map((item) => {
      const link = quoted("a", item.title, { href: this.address("hotspots", item.hotspot_id), lang: item.lang, "data-item": item.id });
      link.addEventListener("click", (event) => this.#take(event, item));
      return element("li", {}, link, quoted("p", item.because, { class: "soft", lang: item.lang }), element("small", {}, says.kinds[item.kind] || plain(item.kind)));
    })), element("p", { class: "soft" }, says.learnt(number(told.found.clicks || 0, words.code)))];
  }

  async #ask() {
    const { author } = this;
    this.recommended = "busy";
    this.redraw();
    const told = await asked(`/api/profiles/${author}/recommendations`, { ...POST, body: "{}" });
    if (author !== this.author) return;
    this.recommended = told.found?.reason ? { missing: true } : told;
    this.redraw();
  }

  // That a suggestion was taken up is told, whether or not it opens in another window.
  #take(event, item) {
    asked(`/api/recommendations/${encodeURIComponent(this.recommended.found.request_id)}/clicks`, { ...POST, keepalive: true, body: JSON.stringify({ item: item.id }) });
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    event.stopPropagation();
    this.open(item.hotspot_id);
  }
}
