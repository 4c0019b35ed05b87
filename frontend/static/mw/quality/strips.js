/**
 * Heat strips under every viewer whose `layers` name a `quality` address. Importing this is all that a
 * page does. When a report has come, `mw-quality` bubbles from the viewer with `detail.reports`, and the
 * hardest edges lie in `layers.edge_crops`: `[{frame, box: [x, y, width, height], hardness}]`.
 */
import { request } from "../lib/api.js";
import { element } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { sortTracks } from "./heat.js";
import { HeatStrip } from "./strip.js";

/** @typedef {import("./heat.js").Track} Track */
/** @typedef {import("./heat.js").Finding} Finding */
/**
 * @typedef {object} Report
 * @property {"sample" | "mask"} kind
 * @property {string} name
 * @property {"waiting" | "measured" | "failed"} state
 * @property {string} error
 * @property {number} frames
 * @property {Finding[]} findings
 * @property {{frame: number, box: number[], hardness: number}[]} crops
 * @property {Track[]} tracks
 */
/** @typedef {import("./strip.js").Player & {strips: HTMLElement, layers: Record<string, any> | null}} Player */

const ALWAYS = ["coverage"];
const ASK_AGAIN_MS = 4000;

class QualityStrips {
  /** @type {HeatStrip[]} */ #strips = [];
  /** @type {Report[]} */ #reports = [];
  #address = "";
  #all = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** Rows of this object; the page may have others in the same place. */
  #rows = element("div", { class: "strips quality-strips" });

  /** @param {Player} player */
  constructor(player) {
    this.player = player;
    player.addEventListener("mw-frame", (event) => {
      const { frame } = /** @type {CustomEvent<{frame: number}>} */ (event).detail;
      for (const strip of this.#strips) strip.show(frame);
    });
    new ResizeObserver(() => this.#draw()).observe(this.#rows);
  }

  open() {
    this.#address = this.player.layers?.quality ?? "";
    this.#reports = [];
    this.#show();
    const address = this.#address;
    // Pictures come first: the server answers one after the other.
    void this.player.ready.catch(() => {}).then(() => {
      if (address === this.#address) void this.#ask();
    });
  }

  async #ask() {
    clearTimeout(this.#timer);
    const address = this.#address;
    if (!address || !this.player.isConnected) return;
    const answer = await request(address).catch(() => null);
    if (address !== this.#address) return;
    this.#reports = answer === null ? [] : (answer.masks ?? [answer]);
    this.#show();
    if (this.#reports.some((report) => report.state === "measured")) this.#announce();
    if (answer === null || this.#reports.some((report) => report.state === "waiting")) {
      this.#timer = setTimeout(() => void this.#ask(), ASK_AGAIN_MS);
    }
  }

  #announce() {
    const { layers } = this.player;
    if (layers) layers.edge_crops = this.#reports.flatMap((report) => report.crops).toSorted((one, other) => other.hardness - one.hardness);
    this.player.dispatchEvent(new CustomEvent("mw-quality", { detail: { reports: this.#reports }, bubbles: true }));
  }

  #show() {
    this.#strips = [];
    this.#rows.replaceChildren();
    for (const report of this.#reports) this.#add(report, this.#reports.length > 1 ? report.name : "");
    if (this.#rows.parentElement !== this.player.strips) this.player.strips.append(this.#rows);
    this.#draw();
  }

  /**
   * @param {Report} report
   * @param {string} prefix
   */
  #add(report, prefix) {
    if (report.state !== "measured") {
      const words = report.state === "waiting" ? gettext("is measured when the machine has time") : report.error;
      this.#rows.append(element("div", { class: "strip-row" }, element("span", { class: "label" }, gettext("Quality")), element("span", { class: "strip quality-words" }, `${prefix} ${words}`.trim())));
      return;
    }
    const { shown, quiet } = sortTracks(report.tracks, report.findings, ALWAYS);
    for (const track of this.#all ? report.tracks : shown) {
      const findings = report.findings.filter((finding) => finding.metric === track.metric);
      const strip = new HeatStrip(this.player, track, findings, prefix);
      this.#strips.push(strip);
      this.#rows.append(strip.row);
    }
    if (quiet.length) this.#rows.append(this.#more(quiet.length));
  }

  /** @param {number} quiet */
  #more(quiet) {
    const words = this.#all ? gettext("Only what was found") : interpolate(gettext("%(count)s more, nothing found"), { count: quiet });
    const button = element("button", { type: "button", class: "label quality-more", "aria-expanded": String(this.#all) }, words);
    button.addEventListener("click", () => {
      this.#all = !this.#all;
      this.#show();
    });
    return element("div", { class: "strip-row" }, button);
  }

  #draw() {
    for (const strip of this.#strips) strip.draw();
  }
}

/** @type {WeakMap<EventTarget, QualityStrips>} */
const known = new WeakMap();

document.addEventListener("mw-source", ({ target }) => {
  if (!(target instanceof HTMLElement) || !("strips" in target)) return;
  const player = /** @type {Player} */ (target);
  const strips = known.get(player) ?? new QualityStrips(player);
  known.set(player, strips);
  strips.open();
});
