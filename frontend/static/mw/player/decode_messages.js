/**
 * What page and decoding worker say to each other.
 *
 * @typedef {import("./frame_index.js").FrameIndex} FrameIndex
 * @typedef {import("./picture.js").Picture} Picture
 *
 * @typedef {object} DecodedStream
 * @property {string} url absolute: a worker has another base address
 * @property {"rgb" | "gray"} kind
 * @property {boolean} bitmaps whether pictures come with a bitmap, ready to be drawn
 *
 * @typedef {{type: "open", id: number, stream: DecodedStream, index: FrameIndex}
 *   | {type: "decode", id: number, call: number, gop: number, ahead: readonly number[]}
 *   | {type: "abandon", id: number}
 *   | {type: "close", id: number}} ToWorker
 *
 * @typedef {{type: "picture", id: number, frame: number, picture: Picture}
 *   | {type: "done", id: number, call: number}
 *   | {type: "failed", id: number, call: number, why: string, reclaimed: boolean}} FromWorker
 */

export {};
