/** The answers of the last minutes, stacked by kind. */

import { el, fill } from "./dom.js";
import { count, KINDS, KIND_NAMES, kind } from "./format.js";

const MINUTES = 5;
const BIN_MS = 5_000;
const BINS = (MINUTES * 60_000) / BIN_MS;
const [WIDTH, HEIGHT] = [600, 48];
const SVG = "http://www.w3.org/2000/svg";

/** Count answers by bin and kind; `now` in milliseconds. Entries are oldest first. */
export function counted(entries, now) {
  const end = Math.floor(now / BIN_MS);
  const bins = Array.from({ length: BINS }, () => ({ ok: 0, client: 0, server: 0, none: 0 }));
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const bin = BINS - 1 - (end - Math.floor(Date.parse(entries[index].at) / BIN_MS));
    if (bin < 0) break;
    // A request that is still under way has no answer yet; it is counted once it has.
    if (entries[index].completed || entries[index].status)
      bins[Math.min(bin, BINS - 1)][kind(entries[index].status)] += 1;
  }
  return bins;
}

export function drawChart(svg, legend, entries) {
  const bins = counted(entries, Date.now());
  const highest = Math.max(1, ...bins.map((bin) => KINDS.reduce((sum, name) => sum + bin[name], 0)));
  svg.replaceChildren(...bins.flatMap((bin, index) => bars(bin, index, highest)));
  const totals = Object.fromEntries(KINDS.map((name) => [name, bins.reduce((sum, bin) => sum + bin[name], 0)]));
  svg.setAttribute("aria-label", inWords(totals));
  fill(
    legend,
    el("span", { class: "span" }, `last ${MINUTES} minutes`),
    KINDS.map((name) =>
      el(
        "span",
        { class: `badge is-${name}` },
        el("i", { class: "shape", "aria-hidden": "true" }),
        `${KIND_NAMES[name]} `,
        el("b", {}, totals[name].toLocaleString("en")),
      ),
    ),
    el("span", { class: "span" }, `full height: ${highest} in ${BIN_MS / 1000} s`),
  );
}

function inWords(totals) {
  return `Answers of the last ${MINUTES} minutes: ${KINDS.map((name) => count(totals[name], KIND_NAMES[name], KIND_NAMES[name])).join(", ")}`;
}

function bars(bin, index, highest) {
  const width = WIDTH / BINS;
  let bottom = HEIGHT;
  return KINDS.filter((name) => bin[name]).map((name) => {
    const height = (bin[name] / highest) * HEIGHT;
    bottom -= height;
    const bar = document.createElementNS(SVG, "rect");
    const place = { x: index * width + 0.75, y: bottom, width: width - 1.5, height, class: `bar is-${name}` };
    for (const [attribute, value] of Object.entries(place)) bar.setAttribute(attribute, value);
    return bar;
  });
}
