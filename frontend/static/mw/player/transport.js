/** The line under the pictures: buttons, frame number, loop, and whether what is seen is exact. */
import { element, icon } from "../lib/build.js";
import { count, gettext, interpolate, ngettext } from "../lib/text.js";
import { iconButton } from "../keyboard/button.js";

/** @typedef {import("../keyboard/actions.js").Action} Action */
/** @typedef {import("./model.js").PlayerModel} PlayerModel */
/** @typedef {import("./ledger.js").Ledger} Ledger */
/** @typedef {{previewReason: string, stored: boolean}} Faithful why it is a preview, "" when it is not; whether the stored frame is shown */

const BUTTONS = ["first", "back", "play", "forward", "last", "in", "out", "loop", "exact"];

/**
 * @param {readonly [number, number]} fps
 * @returns {string} "16 fps", "29.97 fps"
 */
export function rateText([numerator, denominator]) {
  return `${Number((numerator / denominator).toFixed(3))} fps`;
}

/**
 * What the badge says, from what was drawn.
 * @param {Ledger} ledger
 * @param {number} frame on screen
 * @param {Faithful} faithful
 */
export function badgeText({ locked, streams }, frame, { previewReason, stored }) {
  const where = interpolate(gettext("%(locked)s/%(streams)s locked on frame %(frame)s"), { locked, streams, frame });
  const parts = [where, stored ? gettext("lossless") : previewReason ? gettext("preview") : gettext("exact")];
  return parts.join(" · ") + (previewReason ? `: ${previewReason}` : "");
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
   * @param {Ledger} ledger
   * @param {Faithful} faithful
   */
  refresh(frame, ledger, faithful) {
    if (document.activeElement !== this.#number) this.#number.value = String(frame < 0 ? this.model.clock.frame : frame);
    const { clock } = this.model;
    say(this.#facts, this.#factsText(ledger));
    const waiting = clock.frame !== frame && !clock.playing;
    const text = waiting ? interpolate(gettext("waiting for frame %(frame)s"), { frame: clock.frame }) : badgeText(ledger, frame, faithful);
    say(this.#lock, text);
    this.#state.classList.toggle("preview", Boolean(faithful.previewReason));
    this.#state.classList.toggle("bad", ledger.locked < ledger.streams);
    if (this.#playButton && this.#playing !== clock.playing) {
      this.#playing = clock.playing;
      this.#playButton.replaceChildren(icon(clock.playing ? "pause" : "play"));
    }
  }

  /** @param {Ledger} ledger */
  #factsText({ late }) {
    const { clock } = this.model;
    const parts = [];
    if (clock.looping) {
      const [from, to] = clock.range;
      parts.push(interpolate(gettext("in %(from)s · out %(to)s"), { from: count(from), to: count(to) }));
    }
    parts.push(rateText(clock.fps));
    if (Math.abs(clock.speed) > 1 || clock.speed < 0) parts.push(`${clock.speed}×`);
    if (late) parts.push(interpolate(ngettext("%(n)s frame late", "%(n)s frames late", late), { n: count(late) }));
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

/**
 * Text that is set anew costs layout even when it is the same.
 * @param {HTMLElement} where
 * @param {string} text
 */
function say(where, text) {
  if (where.textContent !== text) where.textContent = text;
}
