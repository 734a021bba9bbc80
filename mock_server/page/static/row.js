/** One row of the list of requests. */

import { el } from "./dom.js";
import { badge, chip, clock, duration, size } from "./format.js";

/** Where a request is shown in full. */
export const address = (entry) => `#/requests/${encodeURIComponent(entry.id)}`;

/** A row of the list; `chosen` is called when somebody opens it. */
export function row(entry, chosen) {
  return el(
    "div",
    { class: "row", role: "row" },
    el("time", { class: "c-time", role: "gridcell", datetime: entry.at, title: entry.at }, clock(entry.at)),
    el(
      "span",
      { class: "c-answer", role: "gridcell" },
      el(
        "a",
        { href: address(entry), onclick: () => chosen(entry) },
        badge(entry.status),
        el("span", { class: "name" }, answerWords(entry)),
      ),
    ),
    el("span", { class: "c-verdict", role: "gridcell" }, verdict(entry)),
    el(
      "span",
      { class: "c-operation", role: "gridcell", title: `${entry.method} ${entry.path}` },
      entry.operation ?? `${entry.method} ${entry.path}`,
    ),
    el("span", { class: "c-who mono", role: "gridcell" }, entry.session ?? entry.key ?? "no known key"),
    el("span", { class: "c-size", role: "gridcell", title: `${entry.size} bytes` }, size(entry.size)),
    el("span", { class: "c-took", role: "gridcell" }, duration(entry.milliseconds)),
  );
}

function answerWords(entry) {
  if (entry.answer) return entry.answer;
  return entry.completed ? "no answer" : "under way";
}

function verdict(entry) {
  const [first, ...more] = entry.broken;
  return [
    entry.armed &&
      chip(
        entry.armed.step === entry.answer ? "armed" : `armed ${entry.armed.step}`,
        "armed",
        `${entry.armed.id}: ${entry.armed.step}`,
      ),
    first && el("span", { class: "rule", title: entry.broken.join("\n") }, first),
    more.length > 0 && el("span", { class: "more", title: entry.broken.join("\n") }, `+${more.length}`),
    entry.accepted && el("span", { class: "accepted" }, "accepted"),
    entry.flags.length > 0 &&
      chip(
        `⚑ ${entry.flags[0]}${entry.flags.length > 1 ? ` +${entry.flags.length - 1}` : ""}`,
        "flag",
        entry.flags.join("\n"),
      ),
    !entry.stayed && chip("client left", "left"),
  ];
}
