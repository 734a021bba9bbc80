/** The view of the world: who exists, for everyone or for one session. */

import { get, withQuery } from "./api.js";
import { choices, el, fill, template } from "./dom.js";
import { count, size } from "./format.js";
import { living } from "./people.js";

export function show(root, route) {
  const { content, parts } = template("view-world");
  fill(root, content);
  const failed = (error) => fill(parts.list, el("p", { class: "problem" }, error.message));
  const load = async () => {
    const found = await get(withQuery("world", { session: parts.session.value }));
    parts.counts.textContent = found.name;
    fill(parts.list, worldParts(found));
  };
  parts.session.addEventListener("change", () => load().catch(failed));
  parts.session.dataset.wanted = route.query.get("session") ?? "";
  get("sessions")
    .then(({ sessions }) =>
      choices(
        parts.session,
        "every key",
        living(sessions).map(({ id, name }) => [id, name || id]),
      ),
    )
    .then(load)
    .catch(failed);
  return { leave: () => {}, keys: {} };
}

function worldParts({ users, events, experiences, eventValues, registrationPages, pairs, keys }) {
  return [
    panel(
      "Keys",
      keys.length,
      table(
        ["Key", "Name", "What it is for"],
        keys.map((key) => [el("code", {}, key.key), key.name, keyWords(key)]),
      ),
      "wide",
    ),
    panel(
      "Users",
      users.length,
      table(
        ["User", "Email", "Phone", "Registered for"],
        users.map((user) => [el("code", {}, user.id), user.email, user.phone, (user.events ?? []).join(", ")]),
      ),
      "wide",
    ),
    panel("Pairs of feature and action", Object.keys(pairs).length, pairList(pairs)),
    panel("Events", events.length, names(events.map(({ id }) => id))),
    panel("Experiences", experiences.length, names(experiences)),
    panel("Event values", eventValues.length, names(eventValues)),
    panel("Registration pages", registrationPages.length, names(registrationPages)),
  ];
}

const panel = (name, number, content, extra = "") =>
  el(
    "section",
    { class: `panel ${extra}` },
    el("h2", {}, name, " ", el("small", {}, String(number))),
    number ? content : el("p", { class: "hint" }, "none"),
  );

const table = (heads, rows) =>
  el(
    "table",
    { class: "stacked" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        heads.map((head) => el("th", { scope: "col" }, head)),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((cells) =>
        el(
          "tr",
          {},
          cells.map((cell, index) => el("td", { "data-head": heads[index] }, cell ?? "")),
        ),
      ),
    ),
  );

const names = (values) =>
  el(
    "ul",
    { class: "names" },
    values.map((value) => el("li", {}, el("code", {}, value))),
  );

const pairList = (pairs) =>
  el(
    "ul",
    { class: "pairs" },
    Object.entries(pairs).map(([feature, actions]) => el("li", {}, el("code", {}, feature), " ", actions.join(", "))),
  );

function keyWords({ allow, answer, assetBytes, users, events, pairs }) {
  const words = [
    allow && `only from ${allow.join(", ")}`,
    answer && `always answers ${answer}`,
    assetBytes && `assets up to ${size(assetBytes)}`,
    users && `sees ${count(users.length, "user")}`,
    events && `sees ${count(events.length, "event")}`,
    pairs && `has pairs of its own: ${Object.keys(pairs).join(", ")}`,
  ].filter(Boolean);
  return words.join("; ") || "behaves as usual";
}
