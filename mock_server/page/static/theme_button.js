/** The button that goes round: the system's theme, light, dark. theme.js applies the choice when a page loads. */

import { recall, remember } from "./storage.js";

const THEMES = ["auto", "light", "dark"];
const button = document.getElementById("theme");

function apply(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  button.lastElementChild.textContent = theme;
}

let current = recall("theme", "auto");
apply(current);
button.addEventListener("click", () => {
  current = THEMES[(THEMES.indexOf(current) + 1) % THEMES.length];
  remember("theme", current);
  apply(current);
});
