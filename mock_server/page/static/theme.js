// A classic script in the head: the theme has to be known before the first paint.
"use strict";
try {
  const chosen = localStorage.getItem("distinct-mock.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden; then the system's theme it is.
}
