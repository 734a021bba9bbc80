/** Talks to the control API; the document lies at its root, so paths are relative. */

/** What the control API refused, with its reason. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `status ${status}`);
    this.status = status;
    this.errors = problem.errors ?? [];
  }

  /** The reason and every fault, in words. */
  get words() {
    const faults = this.errors.map(
      ({ place, problem, got, expected }) => `${place}: ${problem ?? `got ${got}, expected ${expected}`}`,
    );
    return [this.message, ...faults].join("\n");
  }
}

async function call(method, path, body) {
  const options = { method, headers: { Accept: "application/json" }, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused(0, { detail: "the fake does not answer; is it still running?" });
  }
  const text = await response.text();
  if (!response.ok) throw new Refused(response.status, parsed(text) ?? {});
  return text ? JSON.parse(text) : null;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);

const known = new Map();

/** Get what does not change while the fake runs; asked for once. */
export function constant(path) {
  if (!known.has(path)) {
    const asked = get(path);
    asked.catch(() => known.delete(path));
    known.set(path, asked);
  }
  return known.get(path);
}

/** A path with a query; members without a value are left out. */
export function withQuery(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}
