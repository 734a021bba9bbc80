/** The views of what can be looked up: errors and rules. */

import { constant, withQuery } from "./api.js";
import { choices, code, el, facts, fill, template } from "./dom.js";
import { badge, basis, chip, count } from "./format.js";

/** A view of a list that is read once and filtered here. */
function listing({ view, path, member, noun, fields, passes, draw, offer }) {
  return (root, route) => {
    const { content, parts } = template(view);
    const form = parts.filters.elements;
    fill(root, content);
    for (const name of fields) {
      form[name].dataset.wanted = route.query.get(name) ?? "";
      if (form[name].tagName === "INPUT" || form[name].options.length) form[name].value = form[name].dataset.wanted;
    }
    let items = [];

    function update() {
      const filter = Object.fromEntries(fields.map((name) => [name, form[name].value]));
      const found = items.filter((item) => passes(item, filter));
      parts.counts.textContent =
        found.length === items.length ? count(items.length, noun) : `${found.length} of ${count(items.length, noun)}`;
      fill(
        parts.list,
        found.length ? draw(found, route, items) : el("p", { class: "empty" }, `No ${noun} passes the filter.`),
      );
    }

    parts.filters.addEventListener("submit", (event) => event.preventDefault());
    parts.filters.addEventListener("input", () => {
      history.replaceState(
        null,
        "",
        withQuery(`#/${member}`, Object.fromEntries(fields.map((name) => [name, form[name].value]))),
      );
      update();
    });
    constant(path).then(
      (found) => {
        items = found[member];
        offer(form, items);
        update();
        // What the address names is brought into sight.
        root.querySelector(".target")?.scrollIntoView({ block: "center" });
      },
      (error) => fill(parts.list, el("p", { class: "problem" }, error.message)),
    );
    return { leave: () => {}, keys: { filter: () => form.text.focus() } };
  };
}

const holds = (text, ...values) =>
  !text ||
  values.flat().some((value) =>
    String(value ?? "")
      .toLowerCase()
      .includes(text.toLowerCase()),
  );
const distinct = (values) => [...new Set(values)].map((value) => [String(value), String(value)]);
const grouped = (items, name) => Map.groupBy(items, name);

export const errors = listing({
  view: "view-errors",
  path: "errors",
  member: "errors",
  noun: "answer",
  fields: ["text", "status", "operation"],
  passes: (error, { text, status, operation }) =>
    (!status || String(error.status) === status) &&
    (!operation || error.operation === operation) &&
    holds(text, error.message, error.answer, error.rule, error.command, error.note, error.key),
  offer: (form, items) => {
    choices(form.status, "any", distinct(items.map(({ status }) => status).sort()));
    choices(form.operation, "any", distinct(items.map(({ operation }) => operation)));
  },
  draw: (found, _route, [{ key: usual }]) =>
    [...grouped(found, ({ operation }) => operation)].map(([operation, items]) =>
      el(
        "section",
        { class: "group" },
        el("h2", {}, operation),
        items.map((error) => errorItem(error, usual)),
      ),
    ),
});

function errorItem({ operation, answer, status, message, rule, key, command, note }, usual) {
  const other = key && key !== usual && `Needs another key: ${key}. `;
  return el(
    "article",
    { class: "item" },
    el(
      "header",
      {},
      badge(status),
      el("strong", {}, message),
      el("code", { class: "dim" }, answer),
      rule && el("a", { class: "rule", href: `#/rules/${encodeURIComponent(rule)}` }, rule),
      el(
        "a",
        {
          class: "button quiet",
          href: withQuery("#/arm", { do: answer, operation }),
          "aria-label": `Arm ${answer} for ${operation}`,
        },
        "Arm",
      ),
    ),
    (note || other) && el("p", { class: "hint" }, other, note),
    command && code(command, `command for ${answer}`, "wrapped"),
  );
}

export const rules = listing({
  view: "view-rules",
  path: "rules",
  member: "rules",
  noun: "rule",
  fields: ["text", "basis", "operation"],
  passes: (rule, { text, basis: wanted, operation }) =>
    (!wanted || (wanted === "assumed") === isAssumed(rule)) &&
    (!operation || (rule.operation ?? "any") === operation) &&
    holds(
      text,
      rule.id,
      rule.says,
      rule.because,
      rule.fields,
      rule.message,
      rule.answer,
      rule.source.document,
      rule.source.section,
    ),
  offer: (form, items) => choices(form.operation, "any", distinct(items.map(({ operation }) => operation ?? "any"))),
  draw: (found, { id }) =>
    [...grouped(found, ({ operation }) => operation)].map(([operation, items]) =>
      el(
        "section",
        { class: "group" },
        el("h2", {}, operation ?? "Every request"),
        items.map((rule) => ruleItem(rule, rule.id === id)),
      ),
    ),
});

const isAssumed = (rule) => rule.demand !== "documented" || rule.answerBasis === "assumed";

function ruleItem(rule, isTarget) {
  return el(
    "article",
    { class: `item${isTarget ? " target" : ""}` },
    el(
      "header",
      {},
      rule.status ? badge(rule.status) : chip("⚑ flag", "flag", "the request is accepted, and the matter reported"),
      el("a", { class: "rule", href: `#/rules/${encodeURIComponent(rule.id)}` }, rule.id),
      basis(rule),
      el(
        "a",
        {
          class: "button quiet",
          href: withQuery("#/requests", { rule: rule.id }),
          "aria-label": `Requests that broke ${rule.id}`,
        },
        "Requests",
      ),
    ),
    el("p", { class: "says" }, rule.says),
    el(
      "dl",
      { class: "facts" },
      facts([
        ["Answer", rule.answer && `${rule.status} ${rule.message}`],
        ["Source", `${rule.source.document}, section ${rule.source.section}`],
        ["Fields", rule.fields.join(", ")],
        ["Because", rule.because],
      ]),
    ),
  );
}
