/** Both sides of a request as they went over the wire. */

import { code, el, facts } from "./dom.js";
import { size } from "./format.js";

function headerTable(headers, label) {
  return el(
    "table",
    { class: "headers", "aria-label": label },
    el(
      "tbody",
      {},
      headers.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value))),
    ),
  );
}

/** What was sent: request line, headers, parts, body. */
export function sent({ method, path, request }) {
  const { headers, body, parts } = request;
  return [
    el("p", { class: "line" }, el("code", {}, `${method} ${path}`)),
    headerTable(headers, "Headers that were sent"),
    parts && el("h3", {}, parts.length === 1 ? "One part" : `${parts.length} parts`),
    parts?.map(part),
    bodyBox(body, parts !== null && parts !== undefined),
  ];
}

function part({ name, filename, contentType, size: bytes, sha256, text }) {
  return el(
    "article",
    { class: "part" },
    el("header", {}, el("code", {}, name), filename !== null && el("span", { class: "filename" }, filename)),
    el(
      "dl",
      { class: "facts" },
      facts([
        ["Type", contentType],
        ["Size", `${size(bytes)} (${bytes.toLocaleString("en")} bytes)`],
        ["SHA-256", sha256 && el("code", { class: "hash" }, sha256)],
      ]),
    ),
    text !== null &&
      text !== undefined &&
      filename === null &&
      el("pre", { class: "code", tabindex: "0", "aria-label": `Part ${name}` }, text),
  );
}

function bodyBox(body, isForm) {
  if (!body || !body.size) return isForm ? null : el("p", { class: "hint" }, "No body.");
  const kept =
    body.kept < body.size &&
    `The first ${body.kept.toLocaleString("en")} of ${body.size.toLocaleString("en")} bytes were kept.`;
  const notes = el(
    "p",
    { class: "hint" },
    kept,
    body.sha256 && [" SHA-256 ", el("code", { class: "hash" }, body.sha256)],
  );
  const raw = body.text ?? body.base64 ?? "";
  const rawName = body.text === null ? "body in base64" : "body as sent";
  if (!raw) return notes;
  if (body.json !== null && body.json !== undefined) {
    const pretty = JSON.stringify(body.json, null, 2);
    return [code(pretty, "body"), pretty !== raw && folded("As sent", code(raw, rawName)), notes];
  }
  return [isForm ? folded("The body as it came", code(raw, rawName)) : code(raw, rawName), notes];
}

const folded = (words, ...content) => el("details", {}, el("summary", {}, words), content);

/** What was answered. */
export function answered(response) {
  if (!response?.status) return el("p", { class: "hint" }, "No answer went out.");
  return [
    el("p", { class: "line" }, el("code", {}, `HTTP/1.1 ${response.status}`)),
    headerTable(response.headers, "Headers of the answer"),
    response.body ? code(prettyIfJson(response.body), "answer") : el("p", { class: "hint" }, "No body."),
  ];
}

function prettyIfJson(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
