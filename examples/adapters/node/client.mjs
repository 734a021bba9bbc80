// A right client with Node's fetch. It tries again after a 500, and only then.

import { openAsBlob } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { analytics, capture, fileName, gift, Refused } from "./rules.mjs";

export { Refused };

const MOST_ATTEMPTS = 3;
const TIMEOUT_MS = 2000;
const FIRST_WAIT_MS = 200;

export const about = {
  client: { name: "right client with fetch", version: "1.0", language: "javascript" },
  operations: ["giftAssets", "addUserAnalytics", "captureAnalytics"],
  capabilities: {
    retries: { on: [500], max_attempts: MOST_ATTEMPTS },
    time_scale: true,
    timeout_ms: TIMEOUT_MS,
    concurrency: 4,
  },
};

const PATHS = {
  giftAssets: "/api/v1/vendor/user/assets",
  addUserAnalytics: "/api/v1/user/analytics",
  captureAnalytics: "/api/v1/analytics/capture/fifa-cwc-2025",
};

/** The API said no; status is that of HTTP, or null when there was no answer. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The client of one API key. */
export class Client {
  constructor({ base_url, api_key, time_scale, timeout_ms }) {
    this.url = base_url;
    this.headers = { "x-distinct-api-key": api_key, "user-agent": "right-client-with-fetch/1.0" };
    this.firstWait = FIRST_WAIT_MS * time_scale;
    this.timeout = timeout_ms ?? TIMEOUT_MS;
  }

  /** Sends what the caller has. Throws Refused for what cannot be sent, and ApiError for what went wrong. */
  async call(operation, args, files) {
    const fields = { giftAssets: gift, addUserAnalytics: analytics, captureAnalytics: capture }[operation](args, files);
    for (let attempt = 1; ; attempt++) {
      const { status, text } = await this.exchange(operation, fields, files);
      if (status >= 200 && status < 300) return;
      if (status !== 500 || attempt === MOST_ATTEMPTS) throw new ApiError(status, messageOf(text));
      await sleep(this.firstWait * 2 ** (attempt - 1));
    }
  }

  /** Sends one request; the body is made anew for each, since what was sent once is at its end. */
  async exchange(operation, fields, files) {
    const isUpload = operation === "giftAssets";
    const headers = isUpload ? this.headers : { ...this.headers, "content-type": "application/json" };
    const body = isUpload ? await form(fields, files) : JSON.stringify(fields);
    const signal = AbortSignal.timeout(this.timeout);
    try {
      const answer = await fetch(this.url + PATHS[operation], { method: "POST", headers, body, signal, redirect: "manual" });
      return { status: answer.status, text: await answer.text().catch(() => "") };
    } catch (error) {
      throw new ApiError(null, `no answer: ${error.cause?.code ?? error.name}`);
    }
  }
}

async function form(fields, files) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const { path, name, content_type } of files)
    form.append("assets", await openAsBlob(path, { type: content_type }), fileName(name));
  return form;
}

/** Gives what the API says of a failure, whatever form it has. */
function messageOf(text) {
  try {
    return String(JSON.parse(text).message);
  } catch {
    return text.slice(0, 200);
  }
}
