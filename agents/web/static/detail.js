// One hotspot's own view: its brief, why it was flagged, in figures, its hour and its life, and the posts behind it.
import { element, plain, quoted } from "./dom.js";
import { headline, idOf, moodOf, readable, related } from "./card.js";
import { hostOf, release } from "./chart.js";
import { hour, life } from "./curves.js";
import { save } from "./export.js";
import { Judging, learnt } from "./judging.js";
import { pictureOfChart } from "./picture.js";
import { Reasons } from "./reasons.js";
import { meter, moodBar, shares } from "./gauges.js";
import { clock, number, percent, reason, usual } from "./words.js";

const IDS_SHOWN = 6;

const section = (title, ...content) => element("section", {}, element("h3", {}, title), ...content);

function rankOf({ rank, rank_parts: parts }) {
  if (!parts) return rank.toFixed(1);
  return `${rank.toFixed(1)} = ${[parts.surprise, parts.size, parts.credibility, parts.relevance].map((part) => part.toFixed(2)).join(" × ")}`;
}

// Reads a hotspot, draws it into `pane`, and draws it again when its card changes.
export class Detail {
  constructor(pane, { words, cards, address, onClose }) {
    Object.assign(this, { pane, words, cards, address, onClose, id: "", posts: null, reading: "", found: null, serial: 0 });
    this.judging = new Judging(() => this.draw());
    this.reasons = new Reasons(() => this.draw());
  }

  async show(id) {
    if (id !== this.id) Object.assign(this, { id, posts: null, reading: "", found: null });
    if (!id) { this.pane.hidden = true; release(this.pane); this.pane.replaceChildren(); return; }
    const fresh = this.pane.hidden || this.pane.dataset.id !== id;
    this.pane.hidden = false;
    if (fresh) { this.pane.dataset.id = id; this.pane.scrollTop = 0; this.draw(); }
    const serial = (this.serial += 1);
    let found = null;
    try {
      const response = await fetch(`/api/hotspots/${id}`);
      found = response.ok ? await response.json() : { missing: response.status === 404 };
    } catch { found = { missing: false }; }
    if (serial !== this.serial || id !== this.id) return;
    if (found.card || !this.found?.card) this.found = found;
    this.draw();
  }

  // The worker is there again: what could not be read before is read now.
  again() {
    if (this.id && !this.found?.card) this.show(this.id);
  }

  // The card of what is shown changed.
  changed(id) {
    if (this.id && (id === this.id || id === (this.found?.card && idOf(this.found.card)))) {
      clearTimeout(this.soon);
      this.soon = setTimeout(() => (this.judging.busy ? this.changed(id) : this.show(this.id)), 300);
    }
  }

  draw() {
    const words = this.words();
    const open = [...this.pane.querySelectorAll("details[open]")].map((one) => one.dataset.name);
    const focused = this.pane.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
    const close = element("button", { type: "button", class: "close", "data-focus": "close", "aria-label": words.close }, "✕");
    close.addEventListener("click", this.onClose);
    const body = !this.found ? [element("p", { class: "soft" }, words.loading)] : this.found.card ? this.#body(words) : this.#missing(words);
    release(this.pane);
    this.pane.replaceChildren(close, ...body);
    for (const one of this.pane.querySelectorAll("details")) one.open = open.includes(one.dataset.name);
    if (focused) this.pane.querySelector(`[data-focus="${focused}"]`)?.focus({ preventScroll: true });
  }

  #missing(words) {
    const again = element("button", { type: "button" }, words.again);
    again.addEventListener("click", () => this.show(this.id));
    return [element("h2", {}, this.found.missing ? words.gone : words.away), element("p", { class: "soft" }, this.found.missing ? words.goneHint : ""), again];
  }

  #body(words) {
    const { card, moments, alerts, absorbed, feedback } = this.found;
    const { hotspot, brief } = card;
    const { why } = hotspot;
    const mood = moodOf(card);
    return [
      element("header", { class: hotspot.stage },
        idOf(card) === this.id ? null : element("p", { class: "soft" }, words.nowPart),
        element("p", { class: "meta" }, element("span", { class: "stage" }, words.stages[hotspot.stage] || plain(hotspot.stage)),
          element("span", {}, words.began(clock(hotspot.started_at, words))),
          element("span", {}, card.alerted_at ? words.told(clock(card.alerted_at, words)) : words.held)),
        quoted("h2", headline(card), { lang: brief ? brief.lang : undefined, tabindex: -1, "data-focus": "headline" }),
        element("p", { class: "actions" }, this.#copy(words), element("a", { class: "button", href: `/api/hotspots/${idOf(card)}`, "data-focus": "json" }, words.asJson), this.#picture(card, words))),
      element("div", { class: `plot ${hotspot.stage}` }, element("p", { class: "soft legend" }, element("span", {}, words.curve),
        element("span", {}, element("i", { class: "usual" }), words.usualLine), ...(alerts.length ? [element("span", {}, element("i", { class: "told" }), words.toldPoint)] : [])),
      hour(hotspot, alerts, words)),
      brief && brief.sentences.length ? section(words.brief, this.#brief(brief, words)) : section(words.brief, element("p", { class: "soft" }, words.noBrief)),
      section(words.judge, ...this.judging.draw(idOf(card), feedback, words), ...learnt(hotspot.relevance, words)),
      section(words.why, this.#facts(hotspot, words)),
      section(words.credibility, element("div", { class: "line" }, meter(hotspot.credibility, words.credible(percent(hotspot.credibility))), element("b", {}, percent(hotspot.credibility))),
        element("ul", { class: "plain" }, ...hotspot.credibility_reasons.map((text) => quoted("li", reason(plain(text), words))))),
      section(words.where, element("dl", { class: "pairs" },
        element("dt", {}, words.languages), element("dd", {}, shares(why.languages, words).join("  ")),
        element("dt", {}, words.platforms), element("dd", {}, shares(why.platforms, words).join("  ")),
        ...(Object.keys(why.places ?? {}).length ? [element("dt", {}, words.places), quoted("dd", shares(why.places, words).join("  "))] : []),
        ...(hotspot.entities?.length ? [element("dt", {}, words.known), element("dd", {}, ...hotspot.entities.map((one) => quoted("span", `${one.name}  `, { title: one.id })))] : []),
        ...(card.seen?.length ? [element("dt", {}, words.elsewhere), element("dd", {}, ...card.seen.map((one) => quoted("span", `${words.listed(plain(one.list), Math.round(one.lead_s / 60))}  `, { title: plain(one.title) })))] : []),
        ...(mood ? [element("dt", {}, words.mood), element("dd", {}, moodBar(why.sentiment, words), element("span", {}, `${words.moods[mood]} ${percent(why.sentiment[mood])}`))] : []))),
      section(words.terms, element("p", { class: "chips" }, ...readable(card).slice(0, 24).map((term) => quoted("span", term)))),
      moments.length > 1 ? section(words.life, element("div", { class: "plot" }, life(moments, words))) : null,
      section(words.timeline, this.#timeline(moments, alerts, absorbed, words)),
      section(words.evidence, ...this.#evidence(card, alerts, words)),
      section(words.related, this.#related(card, absorbed, words)),
    ].filter(Boolean);
  }

  #copy(words) {
    const button = element("button", { type: "button", "data-focus": "copy", id: "copy" }, words.copy);
    button.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(new URL(this.address("hotspots", this.id), location.href).href); button.textContent = words.copied; } catch { /* the address bar has it */ }
    });
    return button;
  }

  #picture(card, words) {
    const button = element("button", { type: "button", id: "picture", "data-focus": "picture", "aria-label": `PNG: ${words.png}` }, "PNG");
    button.addEventListener("click", async () => save(await pictureOfChart(hostOf(this.pane), headline(card), words.curve), "hotspot", "png"));
    return button;
  }

  // Everything in a brief names the posts that say it.
  #brief(brief, words) {
    const said = (sentence, name, label) => element("li", {}, label ? element("small", {}, label) : null,
      quoted("p", sentence.text, { lang: brief.lang }),
      element("details", { "data-name": name }, element("summary", { "data-focus": name }, words.saidBy(sentence.evidence.length)),
        element("code", {}, plain(sentence.evidence.slice(0, IDS_SHOWN).join("  ")) + (sentence.evidence.length > IDS_SHOWN ? "  …" : ""))));
    const names = ["who", "where", "when"].filter((part) => brief[part]?.length).flatMap((part) => [
      element("dt", {}, words.asked[part]), quoted("dd", brief[part].map((one) => plain(one.text)).join(" · "), { lang: brief.lang })]);
    return element("div", {},
      ...(brief.changes || []).map((text) => quoted("p", text, { class: "change", lang: brief.lang })),
      element("ul", { class: "brief" },
        ...brief.sentences.map((sentence, place) => said(sentence, `said-${place}`)),
        ...(brief.voices || []).map((voice) => said(voice, `voice-${voice.side}`, `${words.moods[voice.side] || plain(voice.side)} ${percent(voice.share)}`)),
        ...(brief.unconfirmed || []).map((doubt, place) => said(doubt, `doubt-${place}`, words.doubts[doubt.reason] || plain(doubt.reason)))),
      names.length ? element("dl", { class: "pairs" }, ...names) : null);
  }

  #facts(hotspot, words) {
    const { why } = hotspot;
    const { facts } = words;
    const times = why.observed / Math.max(why.expected, 1e-9);
    const chance = why.p_value < 1e-9 ? facts.tiny : facts.oneIn(number(1 / why.p_value, words.code));
    const rows = [
      facts.observed({ ...why, term: plain(why.term) }), facts.expected(usual(why.expected, words)),
      facts.times(times > 1000 ? facts.timesMany : facts.timesSome(number(times, words.code))), facts.chance(chance),
      facts.hour(number(why.distinct_authors, words.code)), facts.peak(number(hotspot.peak_authors, words.code)),
      ...(hotspot.pace ? [facts.pace(facts.paceSays(number(hotspot.pace.speed, words.code)))] : []),
      ...(hotspot.size ? [facts.size(facts.sizeSays(...["likely", "low", "high"].map((name) => number(hotspot.size[name], words.code))))] : []),
      facts.rank(rankOf(hotspot)),
      ...(hotspot.warming < 1 ? [facts.warming(percent(hotspot.warming))] : []),
    ];
    return element("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [quoted("dt", name), element("dd", {}, String(value))]));
  }

  #timeline(moments, alerts, absorbed, words) {
    const { events } = words;
    const told = alerts.map((alert, place) => ({ at: alert.emitted_at, text: events.alerted(place + 1, number(alert.why.distinct_authors, words.code)), kind: `told ${alert.stage}` }));
    const stages = moments.filter((moment, place) => place > 0 && moment.stage !== moments[place - 1].stage)
      .map((moment) => ({ at: moment.at, text: events.stage(words.stages[moment.stage] || plain(moment.stage)), kind: moment.stage }));
    const taken = absorbed.map((one) => ({ at: one.started_at, text: events.absorbed(plain(one.terms.slice(0, 2).join(" · "))), kind: "" }));
    const began = { at: this.found.card.hotspot.started_at, text: events.emerged, kind: "emerging" };
    const all = [began, ...stages, ...told, ...taken].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
    return element("ol", { class: "timeline" }, ...all.map((one) => element("li", { class: one.kind }, element("time", { datetime: one.at }, clock(one.at, words)), quoted("span", one.text))));
  }

  #evidence(card, alerts, words) {
    const sources = card.hotspot.sources?.length ? card.hotspot.sources : alerts.at(-1)?.sources || [];
    if (!sources.length) return [element("p", { class: "soft" }, words.noEvidence)];
    if (this.posts) {
      const note = this.posts.expired ? [element("p", { class: "soft" }, words.expired(this.posts.expired))] : [];
      return [...note, element("ul", { class: "posts" }, ...this.posts.posts.map((post) => element("li", {},
        ...this.reasons.draw(idOf(card), post, words),
        ...(post.described || []).map((one) => element("p", { class: "media", title: plain(one.by || "") },
          element("b", {}, words.media[one.kind] || words.media.other), quoted("span", one.text))),
        element("p", { class: "meta" }, element("span", {}, clock(post.created_at, words)), element("span", {}, plain(post.platform)), element("span", {}, plain(post.lang)),
          element("code", { title: `posts ${post.partition}/${post.offset}/${post.index}` }, plain(post.id)),
          post.author ? element("a", { href: this.address("profiles", post.author), "data-go": "" }, words.profile.ofAuthor) : null))))];
    }
    const button = element("button", { type: "button", id: "read", "data-focus": "read", disabled: this.reading === "busy" },
      this.reading === "busy" ? words.loading : this.reading === "failed" ? words.again : words.read(sources.length));
    button.addEventListener("click", () => this.#read(idOf(card)));
    return [...(this.reading === "failed" ? [element("p", { class: "soft" }, words.failed)] : []), button];
  }

  async #read(id) {
    const shown = this.id;
    this.reading = "busy";
    this.draw();
    let posts = null;
    try {
      const response = await fetch(`/api/hotspots/${id}/posts`);
      posts = response.ok ? await response.json() : null;
    } catch { /* told below */ }
    if (this.id !== shown) return;
    this.posts = posts;
    this.reading = posts ? "" : "failed";
    this.draw();
  }

  // Live ones first; those that had ended before this one began are earlier ones.
  #related(card, absorbed, words) {
    const earlier = (other) => other.hotspot.stage === "closed" && other.hotspot.updated_at < card.hotspot.started_at;
    const near = related(card, this.cards()).sort((a, b) => earlier(a) - earlier(b));
    const items = [
      ...near.map((other) => element("li", {}, quoted("a", headline(other), { href: this.address("hotspots", idOf(other)) }),
        element("small", { class: other.hotspot.stage }, earlier(other) ? `${words.earlier} · ${clock(other.hotspot.started_at, words)}` : words.stages[other.hotspot.stage] || plain(other.hotspot.stage)))),
      ...absorbed.map((one) => element("li", {}, quoted("span", one.terms.slice(0, 3).join(" · ")), element("small", {}, words.merged))),
    ];
    return items.length ? element("ul", { class: "plain related" }, ...items) : element("p", { class: "soft" }, words.noRelated);
  }
}
