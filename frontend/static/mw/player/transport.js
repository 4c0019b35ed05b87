/** The line under the pictures: buttons, frame number, loop, and whether what is seen is exact. */
import { element, icon } from "../lib/build.js";
import { count, gettext, interpolate, ngettext } from "../lib/text.js";
import { iconButton } from "../keyboard/button.js";

/** @typedef {import("../keyboard/actions.js").Action} Action */
/** @typedef {import("./model.js").PlayerModel} PlayerModel */

const BUTTONS = ["first", "back", "play", "forward", "last", "in", "out", "loop"];

/**
 * @param {readonly [number, number]} fps
 * @returns {string} "16 fps", "29.97 fps"
 */
export function rateText([numerator, denominator]) {
  return `${Number((numerator / denominator).toFixed(3))} fps`;
}

/**
 * What the badge says.
 * @param {number} streams
 * @param {number} frame on screen
 * @param {string} previewReason
 */
export function badgeText(streams, frame, previewReason) {
  const template = ngettext("%(n)s stream on frame %(frame)s", "%(n)s streams on frame %(frame)s", streams);
  const where = interpolate(template, { n: streams, frame });
  return previewReason ? `${where} · ${gettext("preview")}: ${previewReason}` : `${where} · ${gettext("exact")}`;
}

export class Transport {
  #number = element("input", { inputmode: "numeric", autocomplete: "off", "aria-label": gettext("Frame") });
  #last = element("span");
  #facts = element("span", { class: "t11 t3 facts" });
  #lock = element("span");
  #state = element("span", { class: "state lock-state" }, icon("lock"), this.#lock);
  /** @type {HTMLElement | null} */ #playButton = null;
  #playing = false;

  /**
   * @param {readonly Action[]} actions
   * @param {PlayerModel} model
   * @param {AbortSignal} signal
   */
  constructor(actions, model, signal) {
    this.model = model;
    this.root = element("div", { class: "transport" });
    for (const id of BUTTONS) {
      const action = actions.find((candidate) => candidate.id === `player.${id}`);
      if (!action) continue;
      const button = iconButton(action);
      if (id === "play") this.#playButton = button;
      this.root.append(button);
    }
    const frame = element("label", { class: "frame-no" }, this.#number, " ", this.#last);
    this.root.append(frame, this.#facts, element("span", { class: "grow" }), this.#state);
    this.#last.textContent = `/ ${model.clock.last}`;
    this.#number.addEventListener("change", () => this.#jump(), { signal });
    this.#number.addEventListener("keydown", (event) => event.key === "Escape" && this.#number.blur(), { signal });
  }

  /**
   * @param {number} frame on screen
   * @param {number} streams
   * @param {string} previewReason
   */
  refresh(frame, streams, previewReason) {
    if (document.activeElement !== this.#number) this.#number.value = String(frame);
    const { clock } = this.model;
    this.#facts.textContent = this.#factsText();
    const waiting = clock.frame !== frame && !clock.playing;
    const text = waiting ? interpolate(gettext("waiting for frame %(frame)s"), { frame: clock.frame }) : badgeText(streams, frame, previewReason);
    this.#lock.textContent = text;
    this.#state.classList.toggle("preview", Boolean(previewReason));
    if (this.#playButton && this.#playing !== clock.playing) {
      this.#playing = clock.playing;
      this.#playButton.replaceChildren(icon(clock.playing ? "pause" : "play"));
    }
  }

  #factsText() {
    const { clock } = this.model;
    const parts = [];
    if (clock.looping) {
      const [from, to] = clock.range;
      parts.push(interpolate(gettext("in %(from)s · out %(to)s"), { from: count(from), to: count(to) }));
    }
    parts.push(rateText(clock.fps));
    if (Math.abs(clock.speed) > 1 || clock.speed < 0) parts.push(`${clock.speed}×`);
    return parts.join(" · ");
  }

  #jump() {
    const frame = Number.parseInt(this.#number.value, 10);
    this.#number.blur();
    if (Number.isNaN(frame)) return;
    this.model.pause();
    this.model.seek(frame);
  }
}
