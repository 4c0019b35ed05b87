/** One heat strip: label, canvas, the number at the playhead, what was found. */
import { element } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { findingAt, findingLines, heatColumns, hottest, readout } from "./heat.js";

/** @typedef {import("./heat.js").Track} Track */
/** @typedef {import("./heat.js").Finding} Finding */
/** @typedef {HTMLElement & {frame: number, readonly ready: Promise<void>, frameAt: (clientX: number) => number}} Player */

export class HeatStrip {
  #canvas = element("canvas", { class: "strip heat" });
  #value = element("output", { class: "value" });
  #note = element("button", { type: "button", class: "note heat-note", hidden: true });
  #frame = 0;

  /**
   * @param {Player} player
   * @param {Track} track
   * @param {Finding[]} findings of this track, the worst first
   * @param {string} prefix what tells it from the same metric of another mask, or ""
   */
  constructor(player, track, findings, prefix) {
    this.player = player;
    this.track = track;
    this.findings = findings;
    const label = prefix ? `${prefix}: ${track.title}` : track.title;
    const scale = interpolate(gettext("Scale 0 to %(most)s"), { most: readout(hottest(track), track.unit) });
    const about = `${track.summary}. ${scale}`;
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", [label, ...findings.map((finding) => finding.text)].join("; "));
    this.#canvas.title = about;
    this.row = element("div", { class: "strip-row", "data-metric": track.metric }, element("span", { class: "label", title: about }, label), this.#canvas, this.#value, this.#note);
    this.#canvas.addEventListener("pointerdown", (event) => this.#press(event));
    this.#note.addEventListener("click", () => this.#go());
    this.show(Math.max(0, player.frame));
  }

  /** @param {number} frame on screen */
  show(frame) {
    this.#frame = frame;
    const { values, unit } = this.track;
    this.#value.textContent = `${readout(values[frame], unit)}${unit && unit !== "%" ? ` ${unit}` : ""}`;
    const finding = findingAt(this.findings, frame);
    this.#note.hidden = finding === undefined;
    if (!finding) return;
    const more = this.findings.length - 1;
    this.#note.textContent = more ? interpolate(gettext("%(finding)s and %(more)s more"), { finding: finding.text, more }) : finding.text;
    const place = gettext("at %(x)s, %(y)s, %(width)s x %(height)s px");
    this.#note.title = this.findings.map((one) => findingLines(one, place)).join("\n\n");
  }

  draw() {
    const width = Math.max(1, Math.round(this.#canvas.clientWidth * devicePixelRatio));
    const context = this.#canvas.getContext("2d");
    if (!context || !this.#canvas.clientWidth) return;
    this.#canvas.width = width;
    this.#canvas.height = 1;
    const style = getComputedStyle(this.#canvas);
    const scale = this.track.better === "none" ? "grey" : "ember";
    heatColumns(this.track.values, hottest(this.track), width).forEach((step, column) => {
      if (step === null) return;
      context.fillStyle = style.getPropertyValue(`--${scale}-${step}`);
      context.fillRect(column, 0, 1, 1);
    });
  }

  /** The next finding behind the playhead, from the last one again the first. */
  #go() {
    const inOrder = this.findings.toSorted((one, other) => one.first - other.first);
    const next = inOrder.find((finding) => finding.first > this.#frame) ?? inOrder[0];
    if (next) this.player.frame = next.first;
  }

  /** @param {PointerEvent} down */
  #press(down) {
    if (down.button !== 0) return;
    down.preventDefault();
    const from = this.player.frameAt(down.clientX);
    const drag = new AbortController();
    const { signal } = drag;
    this.#canvas.setPointerCapture(down.pointerId);
    if (!down.shiftKey) this.player.frame = from;
    this.#canvas.addEventListener("pointermove", (event) => {
      if (!down.shiftKey) this.player.frame = this.player.frameAt(event.clientX);
    }, { signal });
    this.#canvas.addEventListener("pointercancel", () => drag.abort(), { signal });
    this.#canvas.addEventListener("pointerup", (event) => {
      drag.abort();
      if (down.shiftKey) this.#comment(from, this.player.frameAt(event.clientX));
    }, { signal });
  }

  /**
   * A range that was drawn, or the finding under a click.
   * @param {number} from
   * @param {number} to
   */
  #comment(from, to) {
    const under = this.findings.find(({ first, last }) => first <= from && from <= last);
    const [first, last] = from === to && under ? [under.first, under.last] : [Math.min(from, to), Math.max(from, to)];
    this.row.dispatchEvent(new CustomEvent("mw-comment-range", { detail: { first, last }, bubbles: true }));
  }
}
