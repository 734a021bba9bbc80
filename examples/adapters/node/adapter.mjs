// Speaks the judge's protocol for a Node client: a JSON object a line. Nothing in it has to be changed.
//
//     distinct-conformance client run --client "jsonl:node adapter.mjs"
//
// The client stands in client.mjs.

import { createInterface } from "node:readline";
import { Client, about } from "./client.mjs";

// What the client prints must not come between the replies.
console.log = console.info = console.debug = console.error;

const clients = new Map();

/** Makes a client, and keeps it while its key is in use. */
function clientFor(config) {
  const name = JSON.stringify(config);
  if (!clients.has(name)) {
    if (clients.size === 2) clients.delete(clients.keys().next().value);
    clients.set(name, new Client(config));
  }
  return clients.get(name);
}

async function called({ op, config, args, files }) {
  try {
    await clientFor(config).call(op, args, files);
    return { outcome: "ok" };
  } catch (error) {
    const outcome = error?.name === "Refused" ? "refused" : "error";
    return { outcome, status: error?.status ?? null, message: String(error?.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.cmd === "bye") break;
  const reply = (told) => process.stdout.write(JSON.stringify({ id: message.id, ...told }) + "\n");
  if (message.cmd === "hello") reply({ protocol: 1, ...about });
  else if (message.cmd === "call") called(message).then(reply); // not awaited: several calls may run at once
  else reply({ outcome: "ok" });
}
process.exit();
