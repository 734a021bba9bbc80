// What may be sent: everything else is refused before it leaves. Knows nothing of HTTP.

const PAIRS = {
  registration_email: ["sent", "opened", "delivered"],
  registration_sms: ["sent", "delivered", "failed"],
  user_collectible: ["viewed", "downloaded"],
  page_visit: ["viewed"],
};
const VISIT = "REGISTRATION_PAGE_VISIT";
const TYPES = [VISIT, "PHOTO_ASSIGNED_TO_USER", "PHOTO_DOWNLOADED_BY_USER", "PHOTO_VIEWED_BY_USER"];
const MOST_FILES = 10;
const MOST_BYTES = 50 * 1024 * 1024;
const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const DAY = 24 * 60;

/** What the caller asked for cannot be sent. */
export class Refused extends Error {
  name = "Refused";
}

/** Gives the fields of a user analytics event as they are sent. */
export function analytics(given) {
  const fields = filled(given);
  const identifiers = ["userId", "email", "phone"].filter((name) => name in fields);
  if (!identifiers.length) throw new Refused("one of userId, email and phone is needed");
  texts(fields, ...identifiers, "feature", "action", "experienceId", "capturedAt");
  if ("phone" in fields && !/^\+[1-9][0-9]{1,14}$/.test(fields.phone))
    throw new Refused("phone: expected E.164, such as +14155552671");
  checkPair(fields.feature, fields.action);
  checkTime("capturedAt", fields.capturedAt);
  if ("metadata" in fields) checkMetadata(fields.metadata);
  return fields;
}

/** Gives the fields of a captured event as they are sent: only those of its type. */
export function capture(given) {
  const fields = filled(given);
  if (!TYPES.includes(fields.type)) throw new Refused(`type: expected one of ${TYPES.join(", ")}`);
  const ofVisits = ["sessionId", "registrationPageValue"];
  const [needed, others] = fields.type === VISIT ? [ofVisits, ["email"]] : [["email"], ofVisits];
  texts(fields, "eventValue", "recordCapturedAt", ...needed);
  checkTime("recordCapturedAt", fields.recordCapturedAt);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !others.includes(name)));
}

/** Gives the text fields of an upload as they are sent. */
export function gift(given, files) {
  const fields = filled(given);
  texts(fields, "userId", "eventId");
  if (files.length < 1 || files.length > MOST_FILES)
    throw new Refused(`${files.length} files, expected 1 to ${MOST_FILES}`);
  for (const { name, size, content_type } of files) {
    if (size < 1 || size > MOST_BYTES) throw new Refused(`${name}: ${size} bytes, expected 1 to ${MOST_BYTES}`);
    if (!/^(image|video)\//.test(content_type))
      throw new Refused(`${name}: ${content_type}, expected an image or a video`);
  }
  return fields;
}

/** Gives the name of a file without folders, and without what no name has. */
export function fileName(name) {
  const last = name.toWellFormed?.() ?? name;
  return last.slice(Math.max(last.lastIndexOf("/"), last.lastIndexOf("\\")) + 1).replace(/[\x00-\x1f\x7f]/g, "_") || "file";
}

/** Leaves out what is empty: the API wants it left out. */
function filled(given) {
  const isEmpty = (value) =>
    value === null || value === undefined || value === "" || (isObject(value) && !Object.keys(value).length);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => !isEmpty(value)));
}

/** Refuses fields that are missing, or no text that UTF-8 can write. */
function texts(fields, ...names) {
  for (const name of names) {
    const value = fields[name];
    if (typeof value !== "string") throw new Refused(`${name}: got ${typeof value}, expected text`);
    if (!value.isWellFormed()) throw new Refused(`${name}: no Unicode text`);
  }
}

function checkPair(feature, action) {
  // ASCII only: other letters become ASCII ones in lower case, "K" (the sign of Kelvin) for one.
  const isPlain = /^[\x00-\x7f]*$/.test(feature + action);
  const actions = Object.hasOwn(PAIRS, feature.toLowerCase()) ? PAIRS[feature.toLowerCase()] : [];
  if (!isPlain || !actions.includes(action.toLowerCase()))
    throw new Refused(`${feature}/${action} is not registered`);
}

function checkMetadata(metadata) {
  if (!isObject(metadata)) throw new Refused(`metadata: got ${typeof metadata}, expected an object`);
  // Well-formed JSON.stringify escapes the halves of characters that UTF-8 cannot write.
  if (/\\ud[89a-f]/.test(JSON.stringify(metadata))) throw new Refused("metadata: no Unicode text");
}

/** Refuses what is no date and time with an offset, in the form that every reader of ISO 8601 takes. */
function checkTime(name, text) {
  const [, date, hour, minute, second, sign, hours, minutes] = TIME.exec(text) ?? [];
  if (!date || text.endsWith("-00:00") || date.startsWith("0000"))
    throw new Refused(`${name}: expected a date and time such as 2026-04-27T13:35:00Z`);
  const day = new Date(`${date}T00:00:00Z`);
  // Date takes the 30th of February for the 2nd of March.
  if (Number.isNaN(day.valueOf()) || !day.toISOString().startsWith(date) || hour > 23 || minute > 59 || second > 60)
    throw new Refused(`${name}: there is no such time`);
  const offset = (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  const utc = (Number(hour) * 60 + Number(minute) - offset + DAY) % DAY;
  if (second === "60" && utc !== DAY - 1) throw new Refused(`${name}: no leap second can be there`);
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
