/** What is said of uploads. */
import { leftWords } from "../jobs/job_words.js";
import { count, gettext, interpolate, ngettext } from "../lib/text.js";

/** @typedef {import("./upload_queue.js").Item} Item */
/** @typedef {import("./upload_queue.js").Totals} Totals */

const UNITS = ["kB", "MB", "GB", "TB"];

/**
 * Decimal units, as disks are sold.
 * @param {number} bytes
 * @returns {string} 999 B, 1.5 MB, 2.0 GB
 */
export function bytesWords(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 999.95 && unit < UNITS.length - 1; unit += 1) value /= 1000;
  return `${value.toFixed(1)} ${UNITS[unit]}`;
}

/** @param {number} perSecond bytes */
export function rateWords(perSecond) {
  return `${bytesWords(Math.round(perSecond))}/s`;
}

/** @param {Item} item */
export function sizeWords(item) {
  if (!item.files) return bytesWords(item.size);
  const files = interpolate(ngettext("%(n)s file", "%(n)s files", item.files), { n: count(item.files) });
  return `${files} · ${bytesWords(item.size)}`;
}

/**
 * @param {Item} item
 * @returns {{word: string, icon: string, tone: string}}
 */
export function stateWords(item) {
  switch (item.state) {
    case "waiting":
      return { word: gettext("Waiting"), icon: "ring", tone: "t3" };
    case "reading":
      return { word: gettext("Reading the folder"), icon: "half", tone: "t3" };
    case "sending":
      return { word: "", icon: "upload", tone: "t3" };
    case "retrying":
      return { word: item.message || gettext("Waiting for the server"), icon: "clock", tone: "warn" };
    case "checking":
      return { word: gettext("Received; being stored"), icon: "half", tone: "t3" };
    case "done":
      return { word: gettext("Stored"), icon: "check", tone: "ok" };
    case "paused":
      return { word: gettext("Paused"), icon: "pause", tone: "t3" };
    case "failed":
      return { word: item.message, icon: "warn", tone: "bad" };
  }
}

/**
 * The line beside the bar of one upload.
 * @param {Item} item
 * @param {{perSecond: number, secondsLeft: number | null}} pace
 */
export function paceWords(item, { perSecond, secondsLeft }) {
  if (item.state !== "sending" || !perSecond) return stateWords(item).word;
  const rate = rateWords(perSecond);
  if (secondsLeft === null) return rate;
  return `${interpolate(gettext("%(time)s left"), { time: leftWords(secondsLeft) })} · ${rate}`;
}

/** @param {Pick<Item, "sent" | "size">} item */
export function shareWords({ sent, size }) {
  return `${size ? Math.floor((sent / size) * 100) : 0} %`;
}

/** @param {Totals} totals */
export function totalWords(totals) {
  const words = [
    interpolate(gettext("%(done)s of %(files)s stored"), { done: count(totals.done), files: count(totals.files) }),
    interpolate(gettext("%(sent)s of %(size)s received"), { sent: bytesWords(totals.sent), size: bytesWords(totals.size) }),
  ];
  if (totals.failed) {
    words.push(interpolate(ngettext("%(n)s needs you", "%(n)s need you", totals.failed), { n: count(totals.failed) }));
  }
  return words.join(" · ");
}

/** @param {readonly {path: string}[]} files */
export function leftOutWords(files) {
  const names = files.slice(0, 3).map(({ path }) => path.split("/").at(-1) ?? path);
  const more = files.length - names.length;
  if (more) names.push(interpolate(ngettext("%(n)s other", "%(n)s others", more), { n: count(more) }));
  return interpolate(gettext("Left out, since it is no footage: %(names)s"), { names: names.join(", ") });
}
