/**
 * Builds what is shown. Whatever a client sent only ever becomes a text node or the value of a harmless attribute,
 * so nothing of it can turn into markup.
 */

/** Make an element. Properties that begin with "on" are listeners, others attributes; children are nodes or texts. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...present(children));
  return node;
}

/** Replace everything in a node. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Copy a view's template; gives the copy, and its parts by the names in data-part. */
export function template(id) {
  const content = document.getElementById(id).content.cloneNode(true);
  const parts = {};
  for (const node of content.querySelectorAll("[data-part]")) parts[node.dataset.part] = node;
  return { content, parts };
}

let fading = 0;

/** Say something for a moment, to eyes and to screen readers. */
export function say(text) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  toast.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => toast.classList.remove("shown"), 2500);
}

/** Copy a text to the clipboard, and say so. */
export async function copy(text, what) {
  try {
    // Browsers give the clipboard to https and loopback only.
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyBySelection(text);
    say(`copied ${what}`);
  } catch {
    say("this browser does not let the page copy");
  }
}

function copyBySelection(text) {
  const area = el("textarea", { class: "away", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("not allowed");
}

/** A button that copies. `text` gives what is copied; `what` names it. */
export function copyButton(text, what) {
  return el(
    "button",
    { type: "button", class: "copy", "aria-label": `Copy ${what}`, onclick: () => copy(text(), what) },
    "Copy",
  );
}

/** Text in a box, with a button that copies it. */
export function code(text, what, extra = "") {
  return el(
    "div",
    { class: `code-box ${extra}` },
    el("pre", { class: "code", tabindex: "0", "aria-label": what }, text),
    copyButton(() => text, what),
  );
}

/** Pairs of a name and a value as a description list; pairs without a value are left out. */
export function facts(pairs) {
  return pairs
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)));
}

/** Fill a <select>: pairs of value and words, after the words for no choice. Keeps the choice. */
export function choices(select, none, pairs) {
  const chosen = select.value || select.dataset.wanted || "";
  const options = [["", none], ...pairs];
  if (chosen && !options.some(([value]) => value === chosen)) options.push([chosen, chosen]);
  fill(
    select,
    options.map(([value, words]) => el("option", { value }, words)),
  );
  select.value = chosen;
}

/** A button that asks once more before it acts: the second press within four seconds counts. */
export function twice(button, question, act) {
  const words = button.textContent;
  let waiting = 0;
  const calm = () => {
    clearTimeout(waiting);
    waiting = 0;
    button.textContent = words;
    button.classList.remove("sure");
  };
  button.addEventListener("click", () => {
    if (waiting) {
      calm();
      act();
      return;
    }
    button.textContent = question();
    button.classList.add("sure");
    waiting = setTimeout(calm, 4000);
  });
  button.addEventListener("blur", calm);
}
