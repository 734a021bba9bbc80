/** Keys that do something wherever the focus is, and the list of them. */

import { recall, remember } from "./storage.js";

const ACTIONS = { j: "next", k: "previous", Enter: "open", "/": "filter", p: "pause", "?": "help" };

/** Listen for keys; `current()` gives what the view does for each action. */
export function listen(current) {
  const help = document.getElementById("help");
  const single = document.getElementById("single-keys");
  single.checked = recall("single-keys", "on") === "on";
  single.addEventListener("change", () => remember("single-keys", single.checked ? "on" : "off"));
  document.getElementById("help-open").addEventListener("click", () => help.showModal());
  const act = { help: () => help.showModal() };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || help.open) return;
    if (event.key === "Escape") escape(event, current());
    else if (!single.checked || isWriting(event.target) || (event.key === "Enter" && isActive(event.target))) return;
    else run(event, { ...act, ...current() }[ACTIONS[event.key]]);
  });
}

function run(event, action) {
  if (!action) return;
  event.preventDefault();
  action();
}

function escape(event, keys) {
  if (isWriting(event.target)) event.target.blur();
  else run(event, keys.close);
}

const isWriting = (node) => node.matches("input:not([type=checkbox], [type=radio]), textarea, select");
const isActive = (node) => node.matches("a, button, summary, [type=checkbox], [type=radio]");
