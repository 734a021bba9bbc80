/** The view of all requests, live. */

import { remove, withQuery } from "./api.js";
import { drawChart } from "./chart.js";
import { choices, el, fill, say, template, twice } from "./dom.js";
import { feed, MOST } from "./feed.js";
import { MEMBERS, offered, passes } from "./filter.js";
import { count } from "./format.js";
import { address, row } from "./row.js";
import { Windowed } from "./windowed.js";

// What coming back from a request finds again.
const kept = { selected: null, scroll: 0, filter: {} };

/** Where the list is, with the filter that it had. */
export const listAddress = () => withQuery("#/requests", kept.filter);

/** Choose a request in the list, for when somebody comes back to it. */
export const choose = (entry) => (kept.selected = entry.seq);

export function show(root, { query }) {
  const view = new Requests(root, query);
  return { leave: () => view.leave(), keys: view.keys };
}

class Requests {
  constructor(root, query) {
    const { content, parts } = template("view-requests");
    this.parts = parts;
    this.filter = Object.fromEntries(MEMBERS.map((name) => [name, query.get(name) ?? ""]));
    kept.filter = this.filter;
    fill(root, content);
    this.list = new Windowed(parts.rows, {
      draw: (entry) => row(entry, choose),
      key: (entry) => entry.seq,
      place: (node, index, entry) => this.place(node, index, entry),
    });
    this.items = [];
    this.ending = new AbortController();
    this.keys = {
      next: () => this.move(1),
      previous: () => this.move(-1),
      open: () => this.open(),
      filter: () => parts.filters.elements.text.focus(),
      pause: () => this.pause(),
    };
    this.begin();
  }

  begin() {
    const { parts, ending } = this;
    const { signal } = ending;
    for (const name of MEMBERS) parts.filters.elements[name].dataset.wanted = this.filter[name];
    parts.filters.elements.text.value = this.filter.text;
    parts.filters.addEventListener("submit", (event) => event.preventDefault());
    parts.filters.addEventListener("input", () => this.refilter());
    parts.filters.addEventListener("reset", () => this.unfilter());
    parts.pause.addEventListener("click", () => this.pause());
    twice(
      parts.clear,
      () => this.clearWords(),
      () => this.clear(),
    );
    parts.grid.addEventListener("keydown", (event) => this.arrow(event));
    feed.addEventListener("change", () => this.update(), { signal });
    feed.addEventListener("state", () => this.tellState(), { signal });
    this.ticking = setInterval(() => this.chart(), 1000);
    this.update();
    this.chart();
    this.tellState();
    scrollTo(0, kept.scroll);
    this.list.update();
  }

  leave() {
    kept.scroll = scrollY;
    this.ending.abort();
    this.list.leave();
    clearInterval(this.ticking);
    clearTimeout(this.later);
  }

  update() {
    const top = this.items[0]?.seq ?? 0;
    this.items = feed.entries.filter((entry) => passes(entry, this.filter)).reverse();
    this.offer();
    const reading = this.parts.rows.getBoundingClientRect().top < this.covered;
    this.list.set(this.items);
    if (reading && top) this.holdStill(top);
    this.tellCounts();
    this.later ||= setTimeout(() => this.chart(), 250);
  }

  /** Keep what is being read where it is when rows come above it. */
  holdStill(top) {
    const added = this.items.findIndex((entry) => entry.seq <= top);
    if (added <= 0) return;
    scrollBy({ top: added * this.list.rowHeight, behavior: "instant" });
    this.list.update();
  }

  /** How many pixels of the window's top are covered by what sticks there. */
  get covered() {
    return this.parts.grid.querySelector(".grid-head").getBoundingClientRect().bottom;
  }

  offer() {
    const found = offered(feed.entries);
    const form = this.parts.filters.elements;
    const now = JSON.stringify(found);
    if (now === this.offers || form.namedItem(document.activeElement?.name)?.tagName === "SELECT") return;
    this.offers = now;
    choices(form.status, "any", found.status);
    choices(form.operation, "any", found.operation);
    choices(form.rule, "any", found.rule);
    choices(form.who, "anyone", found.who);
    this.parts.reset.hidden = !MEMBERS.some((name) => this.filter[name]);
  }

  refilter() {
    for (const name of MEMBERS) this.filter[name] = this.parts.filters.elements[name].value;
    history.replaceState(null, "", listAddress());
    this.parts.reset.hidden = !MEMBERS.some((name) => this.filter[name]);
    this.items = [];
    this.update();
  }

  unfilter() {
    for (const name of MEMBERS) delete this.parts.filters.elements[name].dataset.wanted;
    // The form is empty only after its event.
    setTimeout(() => this.refilter());
  }

  chart() {
    clearTimeout(this.later);
    this.later = 0;
    drawChart(this.parts.chart, this.parts.legend, feed.entries);
  }

  tellCounts() {
    const all = feed.entries.length;
    const shown = this.items.length;
    const texts = [shown === all ? count(all, "request") : `${shown.toLocaleString("en")} of ${count(all, "request")}`];
    if (all >= MOST) texts.push(`only the newest ${MOST.toLocaleString("en")} are listed`);
    if (feed.evicted) texts.push(`${feed.evicted.toLocaleString("en")} older were evicted`);
    this.parts.counts.textContent = texts.join(" · ");
    this.parts.grid.setAttribute("aria-rowcount", shown + 1);
    this.parts.empty.hidden = shown > 0;
    this.parts.grid.hidden = shown === 0;
    if (!shown) this.tellEmpty(all);
  }

  tellEmpty(all) {
    if (all) fill(this.parts.empty, el("p", {}, "No request passes the filter."));
    else if (feed.state === "connecting") fill(this.parts.empty, el("p", {}, "Loading …"));
    else {
      fill(
        this.parts.empty,
        el("p", {}, "No requests yet. They show up here the moment they come."),
        el(
          "p",
          {},
          "Point your integration at ",
          el("code", {}, location.origin),
          ", or take a command from ",
          el("a", { href: "#/errors" }, "Errors"),
          ".",
        ),
      );
    }
  }

  tellState() {
    const { pause } = this.parts;
    pause.setAttribute("aria-pressed", String(feed.paused));
    pause.textContent = feed.paused ? `Resume (${feed.waiting.toLocaleString("en")} waiting)` : "Pause";
    this.tellCounts();
  }

  pause() {
    feed.pause(!feed.paused);
  }

  get session() {
    return this.filter.who.startsWith("session:") ? this.filter.who.slice("session:".length) : "";
  }

  clearWords() {
    return this.session ? `Clear ${this.session}?` : "Clear all requests?";
  }

  async clear() {
    try {
      const { deleted } = await remove(withQuery("requests", { session: this.session }));
      say(`cleared ${count(deleted, "request")}`);
      kept.selected = null;
      await feed.reload();
    } catch (error) {
      say(error.message);
    }
  }

  place(node, index, entry) {
    node.setAttribute("aria-rowindex", index + 2);
    const selected = entry.seq === kept.selected;
    node.classList.toggle("selected", selected);
    node.setAttribute("aria-selected", String(selected));
    // One stop for the tab key: the chosen row, or the first.
    const stop = selected || (index === 0 && !this.items.some(({ seq }) => seq === kept.selected));
    node.querySelector("a").tabIndex = stop ? 0 : -1;
  }

  move(by) {
    if (!this.items.length) return;
    const from = this.items.findIndex(({ seq }) => seq === kept.selected);
    const to = from < 0 ? 0 : Math.min(this.items.length - 1, Math.max(0, from + by));
    kept.selected = this.items[to].seq;
    this.list.reveal(to, this.covered);
    this.list.node(kept.selected)?.querySelector("a").focus({ preventScroll: true });
  }

  arrow(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.move(by);
  }

  open() {
    const entry = this.items.find(({ seq }) => seq === kept.selected);
    if (entry) location.hash = address(entry);
  }
}
