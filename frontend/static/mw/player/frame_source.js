/**
 * Where pictures of one stream come from. Two kinds: exact (WebCodecs) and, where a browser has
 * no decoder to offer, preview (<video>). The rest of the player does not know which it holds.
 */

/**
 * @typedef {import("./picture.js").Picture} Picture
 * @typedef {import("./decode_messages.js").Form} Form
 *
 * @typedef {object} StreamInfo as layers.json gives it
 * @property {string} name
 * @property {"rgb" | "gray"} kind
 * @property {string} label
 * @property {string} note
 * @property {string} url of the delivery
 * @property {string} index_url of its frame index
 * @property {import("./frame_index.js").FrameIndex} [index] the same, where it came along
 * @property {string} [exact_url] of a stored frame as PNG, its number in the place of "{frame}"
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} SourceEvents
 * @property {(frame: number) => void} onPicture a frame can be had with get() now
 * @property {(error: Error) => void} onError it will give no more pictures
 *
 * @typedef {object} FrameSource
 * @property {string} previewReason "" when frame numbers and values are exact, else a sentence
 * @property {number} cachedFrames
 * @property {number} cachedBytes
 * @property {Form} form of what is decoded from now on, which is only a matter of speed
 * @property {(frame: number, direction: 1 | -1, reach: number, loop: readonly [number, number] | null) => void} want
 *   make this frame and as many as `reach` on either side, then what comes next; `loop` is what playback goes round
 * @property {(frame: number) => Picture | undefined} get at once, or not yet
 * @property {() => void} close
 */

/** What one stream may hold decoded, in bytes; at least one GOP is held whatever it takes. */
export const BYTES_PER_STREAM = 160 * 2 ** 20;

/** What one stream may hold besides as bitmaps or RGBA, where drawing needs them. */
export const BITMAP_BYTES_PER_STREAM = 48 * 2 ** 20;
