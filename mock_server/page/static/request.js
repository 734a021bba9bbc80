/** The view of one request in full: what was sent, what was answered, and why. */

import { get, withQuery } from "./api.js";
import { code, copy, el, facts, fill, template } from "./dom.js";
import { feed } from "./feed.js";
import { badge, basis, chip, duration, moment, size } from "./format.js";
import { answered, sent } from "./messages.js";
import { choose, listAddress } from "./requests.js";

export function show(root, { id }) {
  const { content, parts } = template("view-request");
  const ending = new AbortController();
  let found = null;
  fill(root, content);
  parts.back.href = listAddress();
  parts.json.addEventListener("click", () => found && copy(JSON.stringify(found, null, 2), "the request as JSON"));

  async function load() {
    try {
      found = await get(`requests/${encodeURIComponent(id)}`);
      if (ending.signal.aborted) return;
      choose(found);
      draw(parts, found);
    } catch (error) {
      if (!ending.signal.aborted) missing(root, id, error);
    }
  }

  function follow() {
    neighbours(parts, id);
    const entry = feed.entries[feed.find(id)];
    if (found && !found.completed && entry?.completed) load();
  }

  feed.addEventListener("change", follow, { signal: ending.signal });
  neighbours(parts, id);
  load();
  return {
    leave: () => ending.abort(),
    keys: {
      next: () => parts.older.isConnected && parts.older.href && parts.older.click(),
      previous: () => parts.newer.isConnected && parts.newer.href && parts.newer.click(),
      close: () => (location.hash = listAddress()),
    },
  };
}

function missing(root, id, error) {
  fill(
    root,
    el(
      "div",
      { class: "notice" },
      el("h1", {}, error.status === 404 ? "No such request" : "The request could not be read"),
      el(
        "p",
        {},
        error.status === 404
          ? ["There is no request ", el("code", {}, id), ". It was evicted or cleared, or it belongs to another fake."]
          : error.message,
      ),
      el("p", {}, el("a", { href: listAddress() }, "← Requests")),
    ),
  );
}

function neighbours(parts, id) {
  const at = feed.find(id);
  for (const [part, entry] of [
    [parts.older, feed.entries[at - 1]],
    [parts.newer, feed.entries[at + 1]],
  ]) {
    if (at >= 0 && entry) part.setAttribute("href", `#/requests/${encodeURIComponent(entry.id)}`);
    else part.removeAttribute("href");
  }
}

function draw(parts, request) {
  const message = messageOf(request);
  fill(parts.heading, badge(request.status), el("span", {}, message || request.answer || "no answer"));
  fill(
    parts.facts,
    facts([
      ["Request", el("code", {}, `${request.method} ${request.path}`)],
      ["Operation", request.operation ?? "none"],
      ["Answer", request.answer && el("code", {}, request.answer)],
      ["Came", moment(request.at)],
      ["From", request.address],
      ["Key", el("code", {}, request.key ?? "no known key")],
      [
        "Session",
        request.session &&
          el("a", { href: withQuery("#/requests", { who: `session:${request.session}` }) }, request.session),
      ],
      ["User", request.user],
      ["Event", request.event],
      ["Size", size(request.size)],
      ["Took", duration(request.milliseconds)],
      ["Client", request.stayed ? "" : "left before the answer was complete"],
      ["State", request.completed ? "" : "under way"],
      ["Id", el("code", {}, request.id)],
    ]),
  );
  fill(parts.verdict, verdict(request));
  fill(parts.sent, sent(request));
  fill(parts.answered, answered(request.response));
  fill(parts.curl, parts.curl.firstElementChild, curl(request.curl));
  armLink(parts.arm, request);
}

function armLink(link, request) {
  link.hidden = !request.answer || !(request.key || request.session);
  const who = request.session ? `session:${request.session}` : `key:${request.key}`;
  link.href = withQuery("#/arm", { do: request.answer, operation: request.operation, who });
}

function messageOf(request) {
  try {
    const { message } = JSON.parse(request.response.body);
    return typeof message === "string" ? message : "";
  } catch {
    return "";
  }
}

function verdict(request) {
  const { armed, breaches, flagged } = request;
  return [
    armed &&
      el(
        "p",
        { class: "played" },
        chip("armed", "armed"),
        " This answer was armed (",
        el("code", {}, armed.id),
        "): ",
        el("code", {}, armed.step),
        armed.documented ? "" : ". No document has it.",
      ),
    el("h2", {}, verdictWords(request)),
    breaches.map((breach) => remark(breach, "breach")),
    flagged.length > 0 && el("h2", {}, "Reported, though accepted"),
    flagged.map((flag) => remark(flag, "flag")),
  ];
}

function verdictWords({ accepted, breaches, completed, operation }) {
  if (breaches.length) return breaches.length === 1 ? "One broken rule" : `${breaches.length} broken rules`;
  if (accepted) return "Accepted: no rule is broken";
  if (!completed) return "Under way";
  return operation ? "No rule is broken" : "Not judged";
}

function remark(breach, type) {
  return el(
    "article",
    { class: `remark ${type}${breach.answered ? " answered" : ""}` },
    el(
      "header",
      {},
      el("a", { class: "rule", href: `#/rules/${encodeURIComponent(breach.rule)}` }, breach.rule),
      basis(breach),
      breach.answered && chip("this one was answered", "answered"),
    ),
    el("p", { class: "says" }, breach.says),
    el(
      "dl",
      { class: "facts got" },
      facts([
        ["Field", breach.field && el("code", {}, breach.field)],
        ["Got", el("code", { class: "got" }, breach.got)],
        ["Expected", el("span", { class: "expected" }, breach.expected)],
        ["Hint", breach.hint],
        ["Answer", breach.answer && `${breach.status} ${breach.message}`],
        ["Source", `${breach.source.document}, section ${breach.source.section}`],
      ]),
    ),
  );
}

function curl({ sent: asSent, corrected, changes }) {
  return el(
    "div",
    { class: "columns" },
    el(
      "div",
      {},
      el("h3", {}, "As it was sent"),
      asSent
        ? code(asSent, "command as sent", "wrapped")
        : el("p", { class: "hint" }, "What was sent was no request that curl can send."),
    ),
    el(
      "div",
      {},
      el("h3", {}, "Corrected"),
      corrected
        ? code(corrected, "corrected command", "wrapped")
        : changes.length === 0 && el("p", { class: "hint" }, "Nothing to correct."),
      changes.length > 0 &&
        el(
          "ul",
          { class: "changes" },
          changes.map((change) => el("li", {}, change)),
        ),
    ),
  );
}
