/** One line under the timeline per object: what a person drew, what the engine made, how sure it is. */
import { element } from "../lib/build.js";
import { colourOf } from "./overlay.js";

/** @typedef {import("./session.js").MaskObject} MaskObject */

const HEIGHT = 10;

/**
 * @param {MaskObject} object
 * @param {number} frames
 */
export function lane({ name, colour, frames: kept }, frames) {
  const canvas = element("canvas", { class: "strip annotate-lane", width: Math.min(frames, 2000), height: HEIGHT });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const step = canvas.width / frames;
  const tint = colourOf(colour).join(" ");
  for (const [frame, origin, sure] of kept) {
    context.fillStyle = origin === "hand" ? `rgb(${tint})` : `rgb(${tint} / ${0.15 + 0.5 * sure})`;
    const height = origin === "hand" ? HEIGHT : HEIGHT / 2;
    context.fillRect(frame * step, HEIGHT - height, Math.max(1, step), height);
  }
  const hand = kept.filter(([, origin]) => origin === "hand").length;
  return element("div", { class: "strip-row" }, element("span", { class: "label" }, name), canvas, element("output", { class: "value" }, `${kept.length}/${frames}`), element("span", { class: "note" }, String(hand)));
}
