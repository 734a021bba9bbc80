// What the adapter calls. Put your client here: this one only sends what it is given, as it stands.

import { openAsBlob } from "node:fs";

/** What the judge is told of your client: its capabilities too, such as {"retries": {"on": [500], "max_attempts": 3}}. */
export const about = {
  client: { name: "my client", language: "javascript" },
  operations: ["giftAssets", "addUserAnalytics", "captureAnalytics"],
  capabilities: { concurrency: 1 },
};

const PATHS = {
  giftAssets: "/api/v1/vendor/user/assets",
  addUserAnalytics: "/api/v1/user/analytics",
  captureAnalytics: "/api/v1/analytics/capture/fifa-cwc-2025",
};

/** To be thrown when your client does not send what it was asked to send. */
export class Refused extends Error {
  name = "Refused";
}

/** To be thrown when the API said no. Its `status` is what a caller sees. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Made for each API key; config has base_url, api_key, time_scale and timeout_ms. */
export class Client {
  constructor(config) {
    this.config = config;
  }

  /** Call your client here, with the operation's fields and files (path, name, content_type, size, sha256). */
  async call(operation, args, files) {
    const headers = { "x-distinct-api-key": this.config.api_key };
    let body;
    if (operation === "giftAssets") {
      body = new FormData();
      for (const [name, value] of Object.entries(args)) body.append(name, value);
      for (const { path, name, content_type } of files)
        body.append("assets", await openAsBlob(path, { type: content_type }), name);
    } else {
      headers["content-type"] = "application/json";
      body = JSON.stringify(args);
    }
    const answer = await fetch(this.config.base_url + PATHS[operation], { method: "POST", headers, body });
    if (!answer.ok) throw new ApiError(answer.status, await answer.text());
  }
}
