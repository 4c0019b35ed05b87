/**
 * One frame of every stream as it is stored: colour without the loss of its delivery. For a person
 * who asks, and for browsers that decode no stream exactly.
 */
import { ApiError } from "../lib/api.js";
import { gettext, interpolate } from "../lib/text.js";
import { pictureOfRgba } from "./plane_copy.js";

/** @typedef {import("./frame_source.js").StreamInfo} StreamInfo */
/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./stream_set.js").Shown} Shown */

/**
 * @param {readonly StreamInfo[]} streams
 */
export function hasStoredFrames(streams) {
  return streams.every(({ exact_url: url }) => Boolean(url));
}

/**
 * @param {readonly StreamInfo[]} streams
 * @param {number} frame
 * @param {AbortSignal} signal
 * @returns {Promise<Map<string, Picture>>} by stream
 * @throws {ApiError} when the server does not give one
 */
export async function storedFrame(streams, frame, signal) {
  const pictures = await Promise.all(streams.map((stream) => storedPicture(stream, frame, signal)));
  return new Map(streams.map(({ name }, at) => [name, /** @type {Picture} */ (pictures[at])]));
}

/**
 * @param {Shown} shown
 * @param {Map<string, Picture>} stored pictures that stand in for those of the frame itself
 * @returns {Shown}
 */
export function withStored(shown, stored) {
  return { frame: shown.frame, get: (name, offset) => (offset === 0 ? stored.get(name) : undefined) ?? shown.get(name, offset) };
}

/**
 * @param {StreamInfo} stream
 * @param {number} frame
 * @param {AbortSignal} signal
 * @returns {Promise<Picture>}
 */
async function storedPicture({ name, kind, exact_url: url = "", width, height }, frame, signal) {
  const answer = await fetch(url.replace("{frame}", String(frame)), { signal, credentials: "same-origin" });
  if (!answer.ok) {
    const text = interpolate(gettext("frame %(frame)s of %(name)s cannot be had losslessly"), { frame, name });
    throw new ApiError(`${text}: ${answer.status} ${answer.statusText}`, { status: answer.status });
  }
  // Neither a colour profile nor opacity may touch what is stored.
  const options = /** @type {const} */ ({ colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const bitmap = await createImageBitmap(await answer.blob(), options);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser has no 2D canvas");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { ...pictureOfRgba(width, height, new Uint8Array(data.buffer), kind), frame };
}
