/**
 * What page and decoding worker say to each other.
 *
 * @typedef {import("./frame_index.js").FrameIndex} FrameIndex
 * @typedef {import("./picture.js").Picture} Picture
 *
 * @typedef {object} DecodedStream
 * @property {string} url absolute: a worker has another base address
 * @property {"rgb" | "gray"} kind
 *
 * @typedef {"planes" | "bitmap" | "rgba"} Form what comes along with the planes: nothing, a bitmap to be drawn,
 *   or bytes for a view that works on pixels
 *
 * @typedef {object} Order
 * @property {number} gop the group to decode
 * @property {readonly number[]} ahead groups whose bytes will be wanted next
 * @property {number} wanted the frame that is waited for; what is near it is made first
 * @property {Form} form
 *
 * @typedef {{type: "open", id: number, stream: DecodedStream, index: FrameIndex}
 *   | {type: "decode", id: number, call: number, order: Order}
 *   | {type: "abandon", id: number}
 *   | {type: "close", id: number}} ToWorker
 *
 * @typedef {{type: "picture", id: number, frame: number, picture: Picture}
 *   | {type: "done", id: number, call: number}
 *   | {type: "failed", id: number, call: number, why: string, reclaimed: boolean}} FromWorker
 */

export {};
