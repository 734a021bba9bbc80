/** The view of sessions: their verdicts, a new one, the end of one. */

import { get, post, remove, withQuery } from "./api.js";
import { code, el, facts, fill, say, template, twice } from "./dom.js";
import { feed } from "./feed.js";
import { chip, count, moment } from "./format.js";
import { isLiving } from "./people.js";

export function show(root) {
  const { content, parts } = template("view-sessions");
  const ending = new AbortController();
  const verdicts = new Map();
  let [waiting, stale, loads] = [0, false, 0];
  fill(root, content);

  const failed = (error) => {
    parts.problem.hidden = false;
    parts.problem.textContent = error.words ?? error.message;
  };
  /** Give the verdict of a session, and read it only when another request came or one is no longer kept. */
  const verdictOf = async ({ id, requests }, latest) => {
    const state = `${requests} to ${latest.get(id)}`;
    if (verdicts.get(id)?.state !== state) verdicts.set(id, { state, verdict: await get(`sessions/${id}/verdict`) });
    return verdicts.get(id).verdict;
  };
  const load = async () => {
    const number = ++loads;
    // Before the sessions: what comes meanwhile is read the next time.
    const latest = new Map(feed.entries.map(({ session, seq }) => [session, seq]));
    const { sessions } = await get("sessions");
    const found = await Promise.all(sessions.map((session) => verdictOf(session, latest)));
    if (ending.signal.aborted || number !== loads) return;
    const cards = sessions
      .map((session, index) => card(session, found[index], () => load().catch(failed), failed))
      .reverse();
    fill(parts.list, cards.length ? cards : el("p", { class: "empty" }, "No sessions yet."));
  };
  /** Load again soon; what changes while that goes on is loaded after it. */
  const loadLater = () => {
    stale = true;
    waiting ||= setTimeout(async () => {
      stale = false;
      await load().catch(failed);
      waiting = 0;
      if (stale && !ending.signal.aborted) loadLater();
    }, 500);
  };

  parts.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, seconds } = event.target.elements;
    try {
      const made = await post("sessions", { name: name.value, seconds: Number(seconds.value) });
      parts.problem.hidden = true;
      fill(parts.created, created(made));
      name.value = "";
      await load();
    } catch (error) {
      failed(error);
    }
  });
  // Requests come by the hundred; the verdicts are read again twice a second at most.
  feed.addEventListener("change", loadLater, { signal: ending.signal });
  load().catch(failed);
  return {
    leave: () => {
      ending.abort();
      clearTimeout(waiting);
    },
    keys: {},
  };
}

function created({ id, name, key }) {
  return el(
    "div",
    { class: "notice key" },
    el("p", {}, el("strong", {}, `The key of ${name || id}.`), " It is shown only now: copy it."),
    code(key, "key"),
  );
}

function card(session, verdict, reload, failed) {
  const living = isLiving(session);
  const end =
    living &&
    el("button", { type: "button", class: "quiet", "aria-label": `End ${session.name || session.id}` }, "End");
  if (end) {
    twice(
      end,
      () => "End it?",
      () =>
        remove(`sessions/${session.id}`)
          .then(() => say(`ended ${session.name || session.id}`))
          .then(reload, failed),
    );
  }
  return el(
    "article",
    { class: `panel session${living ? "" : " over"}`, "data-id": session.id },
    el("header", {}, el("h2", {}, session.name || session.id), verdictChip(verdict), end),
    el(
      "dl",
      { class: "facts" },
      facts([
        ["Id", el("code", {}, session.id)],
        ["Key", el("code", {}, session.masked)],
        ["Requests", `${verdict.requests} (${verdict.accepted} accepted, ${verdict.refused} refused)`],
        ["Armed", session.faults ? String(session.faults) : ""],
        ["Created", moment(session.created)],
        [session.ended ? "Ended" : "Expires", moment(session.ended ?? session.expires)],
        [
          "Not complete",
          verdict.complete ? "" : `${count(verdict.evicted, "request")} evicted: the verdict is about the rest`,
        ],
      ]),
    ),
    tally("Broken", verdict.rules),
    tally("Reported", verdict.flags),
    el(
      "footer",
      {},
      el("a", { href: withQuery("#/requests", { who: `session:${session.id}` }) }, "Requests"),
      el("a", { href: withQuery("#/arm", { who: `session:${session.id}` }) }, "Arm"),
      el("a", { href: withQuery("#/world", { session: session.id }) }, "World"),
    ),
  );
}

function verdictChip({ requests, clean, complete }) {
  if (!requests) return chip("no requests", "left");
  if (!clean) return chip("✗ rules broken", "bad");
  return complete ? chip("✓ clean", "good") : chip("✓ clean, as far as known", "flag");
}

const tally = (name, rows) =>
  rows.length > 0 &&
  el(
    "p",
    { class: "tally" },
    el("span", { class: "dim" }, `${name}: `),
    rows.map(({ id, count: number }) => [
      el("a", { class: "rule", href: `#/rules/${encodeURIComponent(id)}` }, id),
      ` ×${number} `,
    ]),
  );
