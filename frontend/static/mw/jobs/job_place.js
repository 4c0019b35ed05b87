/** Where jobs run: how many workers are busy, how full the disk is. */
import { element } from "../lib/build.js";
import { count, gettext, interpolate, ngettext } from "../lib/text.js";
import { sizeWords } from "./job_words.js";

/** @typedef {{slots: number, disk_free: number, disk_total: number, disk_reserve: number}} Place */

/**
 * @param {Place} place
 * @param {number} running jobs of this project
 * @returns {HTMLElement[]}
 */
export function placeLine({ slots, disk_free: free, disk_total: total, disk_reserve: reserve }, running) {
  const workers = interpolate(ngettext("%(n)s job at once", "%(n)s jobs at once", slots), { n: count(slots) });
  const busy = interpolate(gettext("%(n)s running for this project"), { n: count(running) });
  const used = interpolate(gettext("%(used)s of %(total)s used"), { used: sizeWords(total - free), total: sizeWords(total) });
  const kept = interpolate(gettext("jobs wait below %(reserve)s free"), { reserve: sizeWords(reserve) });
  const low = free < reserve * 1.5;
  return [
    gauge(gettext("Workers"), workers, slots ? Math.min(1, running / slots) : 0, "plain", slots ? busy : gettext("none is running")),
    gauge(gettext("Disk"), used, (total - free) / total, low ? "bad" : "plain", low ? kept : interpolate(gettext("%(free)s free"), { free: sizeWords(free) })),
  ];
}

/**
 * @param {string} name
 * @param {string} size
 * @param {number} share
 * @param {string} tone
 * @param {string} note
 */
function gauge(name, size, share, tone, note) {
  const bar = element("progress", { class: `prog ${tone}`, max: 1, value: share, "aria-label": name });
  const head = element("span", { class: "t12" }, element("b", {}, name), " ", element("span", { class: "t3" }, size));
  return element("div", {}, head, bar, element("span", { class: "t11 t3" }, note));
}
