/**
 * The requests as they come: those that the journal has, then the live stream. One feed serves all views.
 *
 * Events: "change" when entries came, went or completed; "state" when `state`, `paused` or `waiting` changed;
 * "faults" with the armed ones as detail.
 */

import { get } from "./api.js";

const PAGE = 500;
// What is kept here; the journal may have more. A list longer than this is for the filters of the control API.
export const MOST = 20_000;
// Often enough to seem at once, seldom enough that a thousand requests a second are drawn ten times.
const APPLY_MS = 100;
const COUNT_MS = 5_000;
const RETRY_MS = 2_000;

class Feed extends EventTarget {
  /** Oldest first. An entry that changes is replaced by another object. */
  entries = [];
  evicted = 0;
  state = "connecting";
  paused = false;
  reason = "";
  #arrived = new Map();
  #applying = 0;
  #source = null;
  #catching = false;
  #generation = 0;

  start() {
    setInterval(() => this.#compare(), COUNT_MS);
    // A hidden page holds no connection: browsers allow few to one server, and each open tab would take one.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#close();
      else this.#listen();
    });
    this.reload();
  }

  /** How many requests wait because the feed is paused. */
  get waiting() {
    return this.paused ? [...this.#arrived.keys()].filter((seq) => this.#place(seq) < 0).length : 0;
  }

  get last() {
    return this.entries.at(-1)?.seq ?? 0;
  }

  find(id) {
    return this.entries.findLastIndex((entry) => entry.id === id);
  }

  pause(paused) {
    this.paused = paused;
    if (!paused) this.#apply();
    this.#tell("state");
  }

  /** Forget everything, and read the journal again. */
  async reload() {
    const generation = ++this.#generation;
    this.#close();
    this.#arrived.clear();
    this.entries = [];
    try {
      const first = await get("requests?limit=200");
      if (generation !== this.#generation) return;
      this.#take(first);
      this.#listen();
      await this.#older(first.next, 0, generation);
    } catch (error) {
      this.#fail(error.message);
    }
  }

  /** Read pages of older requests, down to one that is known already. */
  async #older(next, known, generation) {
    while (next !== null && next > known && this.entries.length < MOST) {
      const page = await get(`requests?limit=${PAGE}&before=${next}`);
      if (generation !== this.#generation) return;
      this.#take(page);
      next = page.next;
    }
  }

  #take(page) {
    this.evicted = page.evicted;
    this.#merge(page.requests);
    this.#tell("change");
  }

  #listen() {
    if (this.#source || document.hidden) return;
    const source = new EventSource(`stream?after=${this.last}`);
    this.#source = source;
    source.addEventListener("open", () => this.#become("live"));
    source.addEventListener("hello", (event) => this.#greeted(JSON.parse(event.data)));
    source.addEventListener("request", (event) => this.#arrive(JSON.parse(event.data)));
    source.addEventListener("faults", (event) => this.#tell("faults", JSON.parse(event.data).faults));
    source.addEventListener("skipped", () => this.#catchUp());
    source.addEventListener("error", () => this.#broken(source));
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }

  #broken(source) {
    this.#become("reconnecting");
    // The browser tries again by itself unless it was refused.
    if (source.readyState !== EventSource.CLOSED || source !== this.#source) return;
    this.#close();
    setTimeout(() => this.#listen(), RETRY_MS);
  }

  #greeted({ seq, evicted }) {
    this.evicted = evicted;
    // Numbers that begin again are those of another fake, or of an emptied journal.
    if (seq < this.last) this.reload();
  }

  #arrive(entry) {
    this.#arrived.set(entry.seq, entry);
    if (this.#applying) return;
    this.#applying = setTimeout(() => {
      this.#applying = 0;
      if (this.paused) this.#tell("state");
      else this.#apply();
    }, APPLY_MS);
  }

  #apply() {
    if (!this.#arrived.size) return;
    this.#merge([...this.#arrived.values()]);
    this.#arrived.clear();
    this.#tell("change");
  }

  #merge(entries) {
    const fresh = [];
    for (const entry of entries) {
      const place = this.#place(entry.seq);
      if (place < 0) fresh.push(entry);
      // What was read as a page may be older than what the stream said.
      else if (entry.completed || !this.entries[place].completed) this.entries[place] = entry;
    }
    if (!fresh.length) return;
    fresh.sort((one, other) => one.seq - other.seq);
    if (fresh[0].seq > this.last) this.entries.push(...fresh);
    else this.entries = [...this.entries, ...fresh].sort((one, other) => one.seq - other.seq);
    if (this.entries.length > MOST) this.entries.splice(0, this.entries.length - MOST);
  }

  #place(seq) {
    let [low, high] = [0, this.entries.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.entries[middle].seq;
      if (found === seq) return middle;
      if (found < seq) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Read what the stream left out because too much came at once. */
  async #catchUp() {
    if (this.#catching) return;
    this.#catching = true;
    const known = this.entries[0]?.seq ?? 0;
    try {
      const first = await get(`requests?limit=${PAGE}`);
      this.#take(first);
      await this.#older(first.next, known, this.#generation);
    } catch (error) {
      this.#fail(error.message);
    } finally {
      this.#catching = false;
    }
  }

  /** Notice that somebody else has emptied the journal: nothing in the stream says so. */
  async #compare() {
    if (document.hidden || this.paused || this.#catching || this.state !== "live") return;
    try {
      const [held, generation] = [this.entries.length, this.#generation];
      const { count, evicted } = await get("requests/count");
      if (generation !== this.#generation) return;
      const evictedSince = evicted - this.evicted;
      if (count < held - evictedSince) this.reload();
      else if (evictedSince) {
        this.evicted = evicted;
        this.entries.splice(0, Math.max(0, this.entries.length - count));
        this.#tell("change");
      }
    } catch {
      // The stream will say that the fake is gone.
    }
  }

  #fail(reason) {
    this.reason = reason;
    this.#become("refused");
    setTimeout(() => this.reload(), RETRY_MS);
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    if (state === "live") this.reason = "";
    this.#tell("state");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

export const feed = new Feed();
