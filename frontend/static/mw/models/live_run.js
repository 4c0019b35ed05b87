/**
 * The page of a run: the player is given more frames as they are finished, unless somebody is
 * watching; then it waits until the playhead reaches the end of what it has.
 */
/** @typedef {{frame: number, model: import("../player/model.js").PlayerModel | null} & HTMLElement} Player */

/**
 * Whether the player should take in what is new.
 * @param {{shown: number, done: number, frame: number, playing: boolean, ended: boolean}} now
 *   frames that the player has, frames that are finished, the frame on screen
 */
export function takesMore({ shown, done, frame, playing, ended }) {
  if (done <= shown && !ended) return false;
  return !playing || frame >= shown - 1;
}

/** @param {HTMLElement} place */
function watch(place) {
  let shown = Number(standing()?.dataset.done ?? 0);
  let wasReady = standing()?.dataset.state === "ready";
  let awaited = false;

  function look() {
    const now = standing();
    const player = /** @type {Player | null} */ (place.querySelector("mw-player"));
    if (!now) return;
    const done = Number(now.dataset.done ?? 0);
    const ready = now.dataset.state === "ready" && !now.hasAttribute("hx-get");
    const ended = ready && !wasReady;
    awaited ||= ended;
    const playing = player?.model?.clock.playing ?? false;
    if (done === 0 || !takesMore({ shown, done, frame: player?.frame ?? 0, playing, ended: awaited })) return;
    const src = `${place.dataset.player ?? ""}?done=${done}${ready ? "&ready" : ""}`;
    const fresh = document.createElement("mw-player");
    const settings = { src, view: "side_by_side", frame: String(Math.max(0, player?.frame ?? 0)) };
    for (const [name, value] of Object.entries(settings)) fresh.setAttribute(name, value);
    place.replaceChildren(fresh);
    [shown, awaited] = [done, false];
    wasReady ||= ready;
  }

  const timer = setInterval(look, 1000);
  addEventListener("pagehide", () => clearInterval(timer), { once: true });
}

/** @returns {HTMLElement | null} */
function standing() {
  return document.getElementById("standing");
}

if (typeof document !== "undefined") {
  const place = document.getElementById("live-run");
  if (place) watch(place);
}
