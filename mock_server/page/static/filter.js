/** What of the requests is shown. The filter stands in the address, so it can be linked to and kept. */

import { kind, KIND_NAMES } from "./format.js";

/** The members of a filter, as they stand in the address. `who` is "session:ID", "key:MASKED" or "none". */
export const MEMBERS = ["text", "status", "operation", "rule", "who"];

/** Whether an entry passes. A status is a number or a kind; a text is found in what names the request. */
export function passes(entry, { text = "", status = "", operation = "", rule = "", who = "" }) {
  return (
    (!operation || (operation === "none" ? !entry.operation : entry.operation === operation)) &&
    (!status || String(entry.status ?? "none") === status || kind(entry.status) === status) &&
    (!rule || entry.broken.includes(rule) || entry.flags.includes(rule)) &&
    (!who || isFrom(entry, who)) &&
    (!text || words(entry).includes(text.toLowerCase()))
  );
}

function isFrom(entry, who) {
  if (who === "none") return !entry.key;
  const [type, name] = [who.slice(0, who.indexOf(":")), who.slice(who.indexOf(":") + 1)];
  return entry[type] === name;
}

const known = new WeakMap();

function words(entry) {
  let found = known.get(entry);
  if (found === undefined) {
    const { id, user, event, path, method, answer, address, session, key, broken, flags, armed } = entry;
    found = [id, user, event, `${method} ${path}`, answer, address, session, key, ...broken, ...flags, armed?.step]
      .filter(Boolean)
      .join("\n")
      .toLowerCase();
    known.set(entry, found);
  }
  return found;
}

/** What can be chosen: pairs of value and words for each member, from what the entries have. */
export function offered(entries) {
  const seen = { status: new Set(), operation: new Set(), rule: new Set(), who: new Map() };
  for (const entry of entries) {
    seen.status.add(entry.status ?? "none");
    seen.operation.add(entry.operation ?? "none");
    for (const rule of entry.broken) seen.rule.add(rule);
    for (const rule of entry.flags) seen.rule.add(rule);
    if (entry.session) seen.who.set(`session:${entry.session}`, `session ${entry.session}`);
    else seen.who.set(entry.key ? `key:${entry.key}` : "none", entry.key ? `key ${entry.key}` : "no known key");
  }
  const kinds = new Set([...seen.status].map((status) => kind(Number(status) || 0)));
  kinds.delete("none");
  return {
    status: [
      ...[...kinds].sort().map((name) => [name, KIND_NAMES[name]]),
      ...pairs(seen.status, (status) => (status === "none" ? "no answer" : String(status))),
    ],
    operation: pairs(seen.operation, (name) => (name === "none" ? "no operation" : name)),
    rule: pairs(seen.rule, String),
    who: [...seen.who].sort(),
  };
}

const pairs = (values, words_) =>
  [...values]
    .map(String)
    .sort()
    .map((value) => [value, words_(value)]);
