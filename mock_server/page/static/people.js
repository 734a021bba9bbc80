/** Whom something can be for: sessions and keys, as pairs of value and words. */

import { get } from "./api.js";

export async function whoPairs() {
  const [{ sessions }, { keys }] = await Promise.all([get("sessions"), get("world")]);
  return [
    ...living(sessions).map((session) => [`session:${session.id}`, `session ${session.name || session.id}`]),
    ...keys.map(({ key, name }) => [`key:${key}`, `key ${key}${name ? ` (${name})` : ""}`]),
  ];
}

/** The sessions whose keys still work, newest first. */
export const living = (sessions) => sessions.filter(isLiving).reverse();

export const isLiving = ({ ended, expires }) => !ended && Date.parse(expires) > Date.now();
