/** The view in which answers and faults are armed, and counted down as they are played. */

import { constant, get, post, remove } from "./api.js";
import { choices, el, fill, say, template } from "./dom.js";
import { feed } from "./feed.js";
import { badge, chip, count } from "./format.js";
import { whoPairs } from "./people.js";

export function show(root, { query }) {
  const { content, parts } = template("view-arm");
  const ending = new AbortController();
  const { signal } = ending;
  const form = parts.form.elements;
  fill(root, content);
  form.do.value = query.get("do") ?? "";
  form.operation.dataset.wanted = query.get("operation") ?? "";
  form.who.dataset.wanted = query.get("who") ?? "";

  const failed = (error) => !signal.aborted && tell(parts.problem, error.words ?? error.message);
  const disarm = (id) =>
    remove(`faults/${encodeURIComponent(id)}`)
      .then(reload)
      .catch(failed);
  const list = (faults) => drawArmed(parts, faults, disarm);
  const reload = async () => {
    const { faults } = await get("faults");
    if (!signal.aborted) list(faults);
  };

  prepare(parts, form, failed, signal);
  parts.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const armed = await post("faults", orderOf(form));
      tell(parts.problem, "");
      say(`armed ${armed.id}: ${armed.do.join(", ")}`);
      await reload();
    } catch (error) {
      failed(error);
    }
  });
  parts["disarm-all"].addEventListener("click", () =>
    remove("faults")
      .then(({ deleted }) => say(`disarmed ${deleted}`))
      .then(reload, failed),
  );
  feed.addEventListener("faults", ({ detail }) => list(detail), { signal });
  reload().catch(failed);
  return { leave: () => ending.abort(), keys: {} };
}

function tell(problem, words) {
  problem.hidden = !words;
  problem.textContent = words;
}

async function prepare(parts, form, failed, signal) {
  for (const input of parts.form.querySelectorAll(".modes input[type=number]")) {
    // Whoever writes a number means its line.
    input.addEventListener("focus", () => (input.closest("label").querySelector("[type=radio]").checked = true));
  }
  form.series.addEventListener("change", () => form.do.focus());
  try {
    const [answers, who] = await Promise.all([constant("answers"), whoPairs()]);
    if (signal.aborted) return;
    choices(
      form.operation,
      "any operation",
      answers.operations.map(({ id }) => [id, id]),
    );
    choices(form.who, "anyone", who);
    const draw = () => drawChoices(parts.choices, answers, form.operation.value, (step) => choose(form, step));
    form.operation.addEventListener("change", draw);
    draw();
  } catch (error) {
    failed(error);
  }
}

function choose(form, step) {
  const written = form.do.value.trim();
  form.do.value = form.series.checked && written ? `${written}, ${step}` : step;
  form.do.dispatchEvent(new Event("input"));
  say(form.series.checked ? `series: ${form.do.value}` : `chosen: ${step}`);
}

/** What the form asks for, as the control API takes it. */
function orderOf(form) {
  const steps = form.do.value
    .split(",")
    .map((step) => step.trim())
    .filter(Boolean);
  const order = { do: steps.length === 1 ? steps[0] : steps };
  if (form.operation.value) order.operation = form.operation.value;
  const [, type, name] = /^(session|key):(.*)$/s.exec(form.who.value) ?? [];
  if (type) order[type] = name;
  const mode = form.mode.value;
  if (mode === "always") order.always = true;
  else if (mode === "probability")
    Object.assign(order, { probability: form.probability.valueAsNumber, seed: form.seed.valueAsNumber });
  // A series lasts as long as it is, unless somebody says otherwise.
  else if (!(mode === "next" && steps.length > 1)) order[mode] = form[mode].valueAsNumber;
  return order;
}

function drawChoices(box, { answers, undocumented, faults }, operation, pick) {
  const fitting = answers.filter((answer) => !operation || answer.operations.includes(operation));
  fill(
    box,
    group(
      "Answers of the contract",
      fitting.map((answer) => choice(answer.name, badge(answer.status), answer.message, pick)),
    ),
    group(
      "Answers that no document has",
      undocumented.map((answer) => choice(plain(answer.name), badge(answer.status), answer.says, pick)),
    ),
    group(
      "Network faults, and pass",
      faults.flatMap((fault) => variants(fault.form ?? fault.name).map((step) => choice(step, null, fault.says, pick))),
    ),
  );
}

const group = (name, items) =>
  items.length > 0 &&
  el("section", { class: "choice-group" }, el("h3", {}, name), el("div", { class: "choices" }, items));

function choice(step, mark, says, pick) {
  return el(
    "button",
    { type: "button", class: "choice", onclick: () => pick(step) },
    el("span", { class: "what" }, mark, el("code", {}, step)),
    el("span", { class: "says" }, says),
  );
}

const plain = (form) => form.replace(/\[.*?\]/g, "");

/** The steps that a form stands for: "reset:before|during" is two, "truncate[:bytes]" is "truncate", "cut:bytes" an example. */
function variants(form) {
  return plain(form)
    .split(" or ")
    .flatMap((one) => {
      const [name, value] = one.trim().split(":");
      if (!value) return [name];
      return value.split("|").map((each) => `${name}:${each === "bytes" ? "64KiB" : each}`);
    });
}

function drawArmed(parts, faults, disarm) {
  const active = faults.filter((fault) => fault.active).reverse();
  const used = faults.filter((fault) => !fault.active).reverse();
  parts["disarm-all"].hidden = faults.length === 0;
  fill(
    parts.armed,
    faults.length
      ? [...active, ...used].map((fault) => armedItem(fault, disarm))
      : el("li", { class: "hint" }, "Nothing is armed: requests are judged as usual."),
  );
}

function armedItem(fault, disarm) {
  const scope = [fault.operation ?? "any operation", fault.session ?? fault.key ?? "anyone"].join(" · ");
  return el(
    "li",
    { class: fault.active ? "active" : "used", "data-id": fault.id },
    el(
      "div",
      { class: "what" },
      el("code", {}, fault.do.join(", ")),
      !fault.documented && chip("undocumented", "assumed", "no document has this answer"),
    ),
    el("div", { class: "scope" }, scope),
    el("div", { class: "when" }, whenWords(fault)),
    el(
      "button",
      { type: "button", class: "quiet", "aria-label": `Disarm ${fault.id}`, onclick: () => disarm(fault.id) },
      "Disarm",
    ),
  );
}

function whenWords({ mode, remaining, every, probability, seen, used, active }) {
  if (!active) return `used up: played ${count(used, "time")}`;
  const played = `played ${used} of ${seen}`;
  if (mode === "next") return el("span", {}, el("strong", { class: "left" }, String(remaining)), " to go");
  if (mode === "every") return `one of ${every} · ${played}`;
  if (mode === "probability") return `probability ${probability} · ${played}`;
  return `always · ${played}`;
}
