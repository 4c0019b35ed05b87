/** From the browser's VideoFrame to bytes of our own. */
import { grayPicture, matrixFor, rgbaPicture } from "./picture.js";

/** @typedef {import("./picture.js").Picture} Picture */

/** Formats that are kept as they are; others are converted by the browser. */
const KEPT = /** @type {Partial<Record<string, "i420" | "nv12">>} */ ({ I420: "i420", NV12: "nv12" });

/**
 * Copy a decoded frame's planes; the frame may be closed afterwards.
 * @param {VideoFrame} frame
 * @param {"rgb" | "gray"} kind of a gray stream only the luma plane is kept
 * @returns {Promise<Picture>}
 */
export async function copyPicture(frame, kind) {
  const { width = frame.codedWidth, height = frame.codedHeight } = frame.visibleRect ?? {};
  const format = KEPT[frame.format ?? ""];
  if (!format) return copyConverted(frame, kind, width, height);
  const data = new Uint8Array(frame.allocationSize());
  const planes = await frame.copyTo(data);
  const luma = planes[0];
  if (kind === "gray" && luma) return grayPicture(width, height, packed(data, luma, width, height));
  const matrix = matrixFor(frame.colorSpace.matrix, frame.colorSpace.fullRange ?? false);
  return { format, width, height, data, planes, matrix, bytes: data.byteLength, frame: -1 };
}

/**
 * Rows without gaps.
 * @param {Uint8Array} data
 * @param {PlaneLayout} plane
 * @param {number} width
 * @param {number} height
 */
function packed(data, { offset, stride }, width, height) {
  if (stride === width) return data.slice(offset, offset + width * height);
  const rows = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    rows.set(data.subarray(offset + y * stride, offset + y * stride + width), y * width);
  }
  return rows;
}

/**
 * Formats that only the browser can read (a hardware surface) are converted by it.
 * @param {VideoFrame} frame
 * @param {"rgb" | "gray"} kind
 * @param {number} width
 * @param {number} height
 */
async function copyConverted(frame, kind, width, height) {
  const options = /** @type {const} */ ({ format: "RGBA", colorSpace: "srgb" });
  const data = new Uint8Array(frame.allocationSize(options));
  await frame.copyTo(data, options);
  return pictureOfRgba(width, height, data, kind);
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} rgba
 * @param {"rgb" | "gray"} kind
 */
export function pictureOfRgba(width, height, rgba, kind) {
  if (kind === "rgb") return rgbaPicture(width, height, rgba);
  const gray = new Uint8Array(width * height);
  for (let i = 0; i < gray.length; i++) gray[i] = rgba[4 * i] ?? 0;
  return grayPicture(width, height, gray);
}
