/**
 * The page of a run: the player is given more frames as they are finished, unless somebody is
 * watching; then it waits until the playhead reaches the end of what it has, and plays on. What was
 * chosen in the player stays: frame, view, loop, zoom.
 */
import { preloadSamples } from "../player/preload.js";

/** @typedef {import("../player/model.js").PlayerModel} PlayerModel */
/** @typedef {{wanted: number, model: PlayerModel | null, range: readonly [number, number] | null} & HTMLElement} Player */

/**
 * Whether the player should take in what is new.
 * @param {{shown: number, done: number, frame: number, playing: boolean, ended: boolean}} now
 *   frames that the player has, frames that are finished, the frame on screen
 */
export function takesMore({ shown, done, frame, playing, ended }) {
  if (done <= shown && !ended) return false;
  return !playing || frame >= shown - 1;
}

/** Whether playback ended by itself, because the frames did. */
export class RunOut {
  out = false;
  #played = false;

  /**
   * @param {boolean} last whether the last frame that there is was drawn
   * @param {boolean} playing
   */
  drawn(last, playing) {
    this.out = last && this.#played && !playing;
    this.#played = playing;
  }
}

/** Gives a player its next source, and that one alone what was chosen: zoom, loop, whether it plays. */
export class Handover {
  /** @type {{model: PlayerModel | null, range: readonly [number, number] | null, playing: boolean}} */
  #kept = { model: null, range: null, playing: false };
  #waits = new AbortController();

  /**
   * @param {Player} player
   * @param {string} src of the same clip, with more frames
   * @param {boolean} playsOn although it stands now
   */
  goOn(player, src, playsOn) {
    const { model, range } = player;
    // A source that never came has no model: what it was to get goes to the next.
    if (model) this.#kept = { model, range, playing: playsOn || model.clock.playing };
    this.#waits.abort();
    this.#waits = new AbortController();
    player.addEventListener("mw-source", () => this.#give(player), { once: true, signal: this.#waits.signal });
    // While it is loading, it still knows where to begin.
    if (player.wanted >= 0) player.setAttribute("frame", String(player.wanted));
    player.setAttribute("src", src);
  }

  /** @param {Player} player */
  #give(player) {
    const { model, range, playing } = this.#kept;
    if (model) player.model?.setZoom(model.zoom);
    if (range) player.range = range;
    if (playing) player.model?.toggle();
  }
}

/**
 * Whether the result of a run is there and was read.
 * @param {Pick<HTMLElement, "dataset" | "hasAttribute"> | null} standing
 */
export function isWhole(standing) {
  return standing?.dataset.state === "ready" && !standing.hasAttribute("hx-get");
}

/**
 * What a player shows now, with more frames.
 * @param {string} src
 * @param {{done: number, whole: boolean}} now
 * @param {string} base address of the page
 */
export function withMore(src, { done, whole }, base) {
  const address = new URL(src, base);
  address.searchParams.set("done", String(done));
  if (whole) address.searchParams.set("ready", "");
  return address.href;
}

/** @param {HTMLElement} place */
function watch(place) {
  const playback = new RunOut();
  const handover = new Handover();
  let shown = Number(standing()?.dataset.done ?? 0);
  let wasWhole = isWhole(standing());
  let awaited = false;
  let taking = false;

  async function look() {
    const now = standing();
    if (!now || taking) return;
    const done = Number(now.dataset.done ?? 0);
    const whole = isWhole(now);
    awaited ||= whole && !wasWhole;
    const player = /** @type {Player | null} */ (place.querySelector("mw-player"));
    const takes = () => {
      const playing = player?.model?.clock.playing ?? false;
      return takesMore({ shown, done, frame: player?.wanted ?? 0, playing, ended: awaited });
    };
    if (done === 0 || !takes()) return;
    taking = true;
    const src = withMore(player?.getAttribute("src") ?? place.dataset.player ?? "", { done, whole }, location.href);
    // Decoded beforehand, the new frames are there in the moment in which the old ones go. What
    // cannot be decoded is said by the player itself.
    if (player) await preloadSamples([src], Math.max(0, player.wanted)).catch(() => {});
    taking = false;
    if (!takes()) return;
    if (player) handover.goOn(player, src, playback.out && done > shown);
    else place.replaceChildren(begun(src));
    [shown, awaited] = [done, false];
    wasWhole ||= whole;
  }

  place.addEventListener("mw-frame", (event) => {
    const clock = /** @type {Player} */ (event.target).model?.clock;
    if (clock) playback.drawn(clock.frame === clock.last, clock.playing);
  });
  const timer = setInterval(() => void look(), 1000);
  addEventListener("pagehide", () => clearInterval(timer), { once: true });
}

/** @param {string} src */
function begun(src) {
  const player = document.createElement("mw-player");
  player.setAttribute("src", src);
  player.setAttribute("view", "side_by_side");
  return player;
}

/** @returns {HTMLElement | null} */
function standing() {
  return document.getElementById("standing");
}

if (typeof document !== "undefined") {
  const place = document.getElementById("live-run");
  if (place) watch(place);
}
