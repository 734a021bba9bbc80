/** How values are written. */

import { el } from "./dom.js";

const two = (number) => String(number).padStart(2, "0");

/** The time of day, local, with milliseconds. */
export function clock(iso) {
  const at = new Date(iso);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** Date and time, local. */
export function moment(iso) {
  const at = new Date(iso);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(iso)}`;
}

/** A size in bytes, with three digits at most and the exact number as title elsewhere. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 99.95 ? value.toFixed(0) : value.toPrecision(2)} ${units[unit]}`;
}

export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "…";
  if (milliseconds < 10) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 1000) return `${milliseconds.toFixed(0)} ms`;
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** The kinds of answers; each has a colour, a shape and a name. */
export const KINDS = ["ok", "client", "server", "none"];
export const KIND_NAMES = { ok: "2xx", client: "4xx", server: "5xx", none: "no answer" };

/** Which kind a status is; null or 0 when no answer went out. */
export function kind(status) {
  if (!status) return "none";
  if (status >= 500) return "server";
  return status >= 400 ? "client" : "ok";
}

/** A status with its shape. */
export function badge(status) {
  return el(
    "span",
    { class: `badge is-${kind(status)}` },
    el("i", { class: "shape", "aria-hidden": "true" }),
    status ? String(status) : "none",
  );
}

export const chip = (text, type, title) => el("span", { class: `chip ${type}`, title }, text);

/** What basis a rule has: of its demand, and of its answer. */
export function basis(rule) {
  if (rule.demand !== "documented") return chip("assumed", "assumed", "no document says so");
  if (rule.answerBasis === "assumed")
    return chip("assumed answer", "assumed", "the demand is documented, its answer is not");
  return chip("documented", "documented", "a document says so");
}
