/** Begins the page: finds the view that the address names, and shows it. */

import "./theme_button.js";
import { arm, errors, request, requests, rules, sessions, world } from "./views.js";
import { el, fill } from "./dom.js";
import { feed } from "./feed.js";
import { listen } from "./shortcuts.js";

const VIEWS = { requests, arm, errors, rules, world, sessions };
const STATES = {
  connecting: "connecting",
  live: "live",
  paused: "paused",
  reconnecting: "reconnecting",
  refused: "no answer",
};
const main = document.getElementById("view");
let current = { leave: () => {}, keys: {} };

/** Read an address: `#/VIEW/ID?QUERY`. Anything else is the list of requests. */
function readAddress() {
  const [path, query] = location.hash.slice(1).split(/\?(.*)/s);
  const [, name = "", id = ""] = path.split("/");
  return { name: name || "requests", id: decoded(id), query: new URLSearchParams(query ?? "") };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function show() {
  const address = readAddress();
  const view = address.name === "requests" && address.id ? request : VIEWS[address.name];
  current.leave();
  scrollTo(0, 0);
  current = view ? view(main, address) : nowhere(address.name);
  const title = main.querySelector("h1")?.textContent || `Request ${address.id}`;
  document.title = `${title} · distinct-mock`;
  for (const link of document.querySelectorAll("header nav a")) {
    if (link.hash === `#/${address.name}`) {
      link.setAttribute("aria-current", "page");
      // On a narrow screen the views are a strip that scrolls.
      link.scrollIntoView({ block: "nearest", inline: "center" });
    } else link.removeAttribute("aria-current");
  }
}

function nowhere(name) {
  fill(
    main,
    el(
      "div",
      { class: "notice" },
      el("h1", {}, "No such view"),
      el("p", {}, "There is no view ", el("code", {}, name), "."),
      el("p", {}, el("a", { href: "#/requests" }, "Requests")),
    ),
  );
  return { leave: () => {}, keys: {} };
}

function tellState() {
  const live = document.getElementById("live");
  const state = feed.paused ? "paused" : feed.state;
  live.dataset.state = state;
  live.textContent = STATES[state];
  live.title = feed.reason;
}

// A token in the address has done its work: the answer has set a cookie.
if (location.search) history.replaceState(null, "", location.pathname + location.hash);

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("hashchange", () => {
  show();
  main.focus({ preventScroll: true });
});
feed.addEventListener("state", tellState);
listen(() => current.keys);
show();
feed.start();
