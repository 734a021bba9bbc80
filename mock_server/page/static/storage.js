/** What this browser remembers. Storage may be forbidden or full: then nothing is remembered, and nothing breaks. */

const PREFIX = "distinct-mock.";

export function recall(name, otherwise) {
  try {
    return localStorage.getItem(PREFIX + name) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // as above
  }
}
