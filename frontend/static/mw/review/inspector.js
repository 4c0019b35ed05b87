/** Beside the viewer: the values under the pointer, what was found, where the matte is hardest to judge. */
import { element, icon } from "../lib/build.js";
import { gettext, interpolate, ngettext } from "../lib/text.js";
import { readingLines } from "./reading_rows.js";

/** @typedef {import("../player/readout.js").Reading} Reading */
/** @typedef {import("../quality/strips.js").Report} Report */
/** @typedef {import("../player/model.js").PlayerModel} PlayerModel */
/** @typedef {HTMLElement & {frame: number, view: string | null, model: PlayerModel | null}} Player */
/** @typedef {{place: {frame: number, x: number, y: number} | null, readings: Reading[]}} Told */

/**
 * @param {HTMLElement} root
 * @param {string} name of a part
 */
function partOf(root, name) {
  return /** @type {HTMLElement} */ (root.querySelector(`[data-${name}]`));
}

export class Inspector {
  #drawn = "";

  /**
   * @param {HTMLElement} root
   * @param {Player} player
   */
  constructor(root, player) {
    this.root = root;
    this.player = player;
    player.addEventListener("mw-source", () => this.#begin());
    player.addEventListener("mw-readout", (event) => this.#read(/** @type {CustomEvent<Told>} */ (event).detail));
    player.addEventListener("mw-quality", (event) => this.#judge(/** @type {CustomEvent<{reports: Report[]}>} */ (event).detail.reports));
    if (player.model) this.#begin();
  }

  #begin() {
    this.#drawn = "";
    this.#read({ place: null, readings: [] });
    partOf(this.root, "found").hidden = true;
    partOf(this.root, "edges").hidden = true;
  }

  /** @param {Told} told */
  #read({ place, readings }) {
    const lines = readingLines(readings, this.player.model?.layers.streams ?? []);
    const where = place ? interpolate(gettext("x %(x)s · y %(y)s · frame %(frame)s"), place) : gettext("point at a picture");
    const drawn = JSON.stringify([lines, where]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    partOf(this.root, "place").textContent = where;
    partOf(this.root, "readings").replaceChildren(...lines.map(({ name, share, stored, shown }) => {
      const title = element("th", { scope: "row", class: "clip" }, name, ...(share ? [" ", element("span", { class: "t3" }, share)] : []));
      return element("tr", {}, title, element("td", {}, stored || "–"), element("td", {}, shown || "–"));
    }));
  }

  /** @param {Report[]} reports */
  #judge(reports) {
    const measured = reports.filter(({ state }) => state === "measured");
    const findings = measured.flatMap((report) => report.findings);
    const checks = measured.reduce((sum, report) => sum + report.tracks.length, 0);
    const text = ngettext("%(n)s check", "%(n)s checks", checks);
    partOf(this.root, "checks").textContent = interpolate(text, { n: checks });
    const list = partOf(this.root, "findings");
    list.replaceChildren(...findings.toSorted((one, other) => other.strength - one.strength).map((finding) => this.#finding(finding)));
    if (!findings.length) list.append(element("li", {}, icon("check"), element("span", { class: "t2" }, gettext("Nothing was found."))));
    partOf(this.root, "found").hidden = measured.length === 0;
    this.#edges();
  }

  /** @param {Report["findings"][number]} finding */
  #finding({ text, first }) {
    const button = element("button", { type: "button", class: "found" }, text);
    button.addEventListener("click", () => (this.player.frame = first));
    const sign = icon("warn");
    sign.classList.add("warn");
    return element("li", {}, sign, button);
  }

  #edges() {
    const crops = this.player.model?.layers.edge_crops ?? [];
    partOf(this.root, "edges").hidden = crops.length === 0;
    partOf(this.root, "places").replaceChildren(...crops.map(({ frame }, at) => {
      const label = interpolate(gettext("Edge %(number)s on frame %(frame)s"), { number: at + 1, frame });
      const button = element("button", { type: "button", class: "btn s", "aria-label": label, title: label }, String(frame));
      button.addEventListener("click", () => {
        this.player.view = "edges";
        this.player.model?.goTo(at);
      });
      return button;
    }));
  }
}

const root = document.getElementById("inspector");
const player = document.getElementById("player");
if (root && player) new Inspector(root, /** @type {Player} */ (player));
