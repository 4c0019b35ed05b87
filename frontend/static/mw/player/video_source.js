/**
 * Preview frames: a <video> that is sought to the middle of the wanted frame and read when the
 * browser says which frame it presented. The newest target is held until the seek before it has
 * ended. A picture is kept under the number that the browser reported, never under the one that
 * was asked for.
 */
import { gettext, interpolate } from "../lib/text.js";
import { FrameCache } from "./frame_cache.js";
import { BYTES_PER_STREAM } from "./frame_source.js";
import { pictureOfRgba } from "./plane_copy.js";

/** @typedef {import("./frame_source.js").StreamInfo} StreamInfo */
/** @typedef {import("./frame_source.js").SourceEvents} SourceEvents */
/** @typedef {import("./picture.js").Picture} Picture */

const MAX_FRAMES = 48;
const MAX_ATTEMPTS = 4;
/** Frames that are sought ahead once the wanted one is there. */
const AHEAD = 2;
/** How long after the end of a seek its frame may take to reach the screen, in ms. */
const SILENCE = 800;

/**
 * @param {number} frame
 * @param {readonly [number, number]} fps
 * @param {number} attempt later attempts aim at other places inside the frame
 * @returns {number} seconds
 */
export function timeInside(frame, [numerator, denominator], attempt) {
  return ((frame + (0.5 + 0.15 * attempt)) * denominator) / numerator;
}

/**
 * @param {number} mediaTime seconds, as requestVideoFrameCallback reports it
 * @param {readonly [number, number]} fps
 */
export function frameOf(mediaTime, [numerator, denominator]) {
  return Math.round((mediaTime * numerator) / denominator);
}

export class VideoSource {
  /** @type {import("./decode_messages.js").Form} a <video> gives RGBA in any case */ form = "rgba";
  #stream;
  #fps;
  #frames;
  #events;
  /** @type {FrameCache<Picture>} */ #cache;
  #video = document.createElement("video");
  #scratch = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  #listening = new AbortController();
  #wanted = 0;
  #reach = 0;
  /** @type {1 | -1} */ #direction = 1;
  /** @type {number | null} frame of the seek under way */ #seeking = null;
  /** @type {number | null} */ #onScreen = null;
  #attempts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #silence;

  /**
   * @param {StreamInfo} stream
   * @param {{fps: readonly [number, number], frames: number}} clip
   * @param {string} previewReason
   * @param {SourceEvents} events
   */
  constructor(stream, { fps, frames }, previewReason, events) {
    this.#stream = stream;
    this.#fps = fps;
    this.#frames = frames;
    this.previewReason = previewReason;
    this.#events = events;
    const bytes = stream.width * stream.height * (stream.kind === "gray" ? 1 : 4);
    this.#cache = new FrameCache(Math.max(AHEAD + 1, Math.min(MAX_FRAMES, Math.floor(BYTES_PER_STREAM / bytes))));
    this.#open();
  }

  get cachedFrames() {
    return this.#cache.size;
  }

  get cachedBytes() {
    return this.#cache.bytes;
  }

  /** @param {number} frame */
  get(frame) {
    return this.#cache.get(frame);
  }

  /**
   * @param {number} frame
   * @param {1 | -1} direction
   * @param {number} [reach]
   */
  want(frame, direction, reach = 0) {
    if (frame !== this.#wanted) this.#attempts = 0;
    this.#wanted = frame;
    this.#reach = reach;
    this.#direction = direction;
    this.#seekNext();
  }

  close() {
    this.#listening.abort();
    clearTimeout(this.#silence);
    this.#video.removeAttribute("src");
    this.#video.load();
    this.#cache.clear();
  }

  #open() {
    const { signal } = this.#listening;
    const video = this.#video;
    video.muted = true;
    video.playsInline = true;
    video.preload = "auto";
    video.addEventListener("loadedmetadata", () => this.#seekNext(), { signal });
    for (const event of ["seeked", "loadeddata", "canplay"]) video.addEventListener(event, () => this.#settle(), { signal });
    video.addEventListener("error", () => this.#fail(video.error?.message || gettext("the browser cannot play it")), { signal });
    this.#listen();
    video.src = this.#stream.url;
  }

  /** Know at any time which frame is on screen. */
  #listen() {
    this.#video.requestVideoFrameCallback?.((_now, { mediaTime }) => {
      if (this.#listening.signal.aborted) return;
      this.#onScreen = frameOf(mediaTime, this.#fps);
      this.#listen();
      this.#settle();
    });
  }

  #seekNext() {
    if (this.#seeking !== null || this.#video.readyState < HTMLMediaElement.HAVE_METADATA) return;
    const target = this.#nextTarget();
    if (target === null) return;
    this.#seeking = target;
    this.#video.currentTime = timeInside(target, this.#fps, this.#attempts);
  }

  /** The wanted frame, then its neighbours, then the ones ahead of it. */
  #nextTarget() {
    const near = Array.from({ length: 2 * this.#reach }, (_, at) => (at % 2 ? -1 : 1) * (1 + (at >> 1)));
    const ahead = Array.from({ length: AHEAD }, (_, at) => (at + 1) * this.#direction);
    for (const step of [0, ...near, ...ahead]) {
      const frame = this.#wanted + step;
      if (frame >= 0 && frame < this.#frames && !this.#cache.has(frame)) return frame;
    }
    return null;
  }

  /**
   * The seek is over when the browser says so, has a picture to read, and has shown the target. A
   * video that has no picture yet would leave the last one in place without a word.
   */
  #settle() {
    const target = this.#seeking;
    const video = this.#video;
    if (target === null || this.#listening.signal.aborted) return;
    if (video.seeking || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    clearTimeout(this.#silence);
    // Without a report the target itself has to be believed; the badge says preview anyway.
    if (this.#onScreen === target || !("requestVideoFrameCallback" in video)) this.#arrive(target, target);
    else this.#silence = setTimeout(() => this.#arrive(target, this.#onScreen), SILENCE);
  }

  /**
   * @param {number} target
   * @param {number | null} frame that is on screen; null when the browser never said
   */
  #arrive(target, frame) {
    if (this.#seeking !== target || this.#listening.signal.aborted) return;
    this.#seeking = null;
    if (frame !== null) this.#keep(frame);
    this.#attempts = frame === target ? 0 : this.#attempts + 1;
    if (this.#attempts > MAX_ATTEMPTS) {
      const text = gettext("the browser shows frame %(got)s where frame %(wanted)s was asked for");
      this.#fail(interpolate(text, { got: String(frame), wanted: String(target) }));
    } else {
      this.#seekNext();
    }
  }

  /** @param {number} frame */
  #keep(frame) {
    const { width, height, kind } = this.#stream;
    if (!this.#scratch) return;
    if (this.#scratch.canvas.width !== width || this.#scratch.canvas.height !== height) {
      Object.assign(this.#scratch.canvas, { width, height });
    }
    this.#scratch.drawImage(this.#video, 0, 0, width, height);
    const { data } = this.#scratch.getImageData(0, 0, width, height);
    this.#cache.put(frame, { ...pictureOfRgba(width, height, new Uint8Array(data.buffer), kind), frame });
    const ahead = this.#wanted + AHEAD * this.#direction;
    const [from, to] = [Math.min(this.#wanted - this.#reach, ahead), Math.max(this.#wanted + this.#reach, ahead)];
    this.#cache.trim(this.#wanted, [{ start: from, end: to + 1 }]);
    this.#events.onPicture(frame);
  }

  /** @param {string} why */
  #fail(why) {
    if (this.#listening.signal.aborted) return;
    this.close();
    const values = { name: this.#stream.name, frame: this.#wanted, why };
    this.#events.onError(new Error(interpolate(gettext("%(name)s cannot be shown from frame %(frame)s on: %(why)s"), values)));
  }
}
