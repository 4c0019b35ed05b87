/**
 * What a view mode is. A view says which panes there are and how a pixel of a pane comes about;
 * it knows nothing of decoding, of the canvas, or of the other views.
 */

/**
 * @typedef {object} LayerStream
 * @property {string} name "rgb_full"
 * @property {"rgb" | "gray"} kind
 * @property {string} label
 * @property {string} note
 *
 * @typedef {object} ViewState
 * @property {string} a name of the first stream of a pair
 * @property {string} b name of the second
 * @property {boolean} flipped
 * @property {number} amount 0 to 1; what it means is the view's business
 * @property {string | null} only the one stream that a narrow window has room for
 *
 * @typedef {object} PaneSpec
 * @property {string} a name of the stream
 * @property {string | null} b name of a second stream, for views that combine two
 * @property {string} title stands above the picture
 * @property {string} note
 *
 * @typedef {readonly [number, number, number]} Rgb 0 to 255
 *
 * @typedef {object} View
 * @property {string} id also the name of its GLSL function, so letters and _ only
 * @property {string} label translated
 * @property {string} icon of the sprite
 * @property {readonly string[]} keys at least one
 * @property {boolean} pair whether the person chooses two streams
 * @property {{label: string} | null} amount a slider of 0 to 100 %, for views that need one
 * @property {(streams: readonly LayerStream[], state: ViewState) => PaneSpec[]} panes
 * @property {string} glsl body of `vec3 f(vec3 a, vec3 b, vec2 at, float amount)`; colours and `at`
 *   (place in the picture) run from 0 to 1
 * @property {(a: Rgb, b: Rgb, at: readonly [number, number], amount: number) => Rgb} pixel the same
 *   in JavaScript: for browsers without WebGL2, and what the shader is tested against
 * @property {(state: ViewState) => Partial<ViewState>} [again] its key was pressed while it is on
 */

/** The GLSL of a view that shows the stream as it is; it costs no pass of its own. */
export const AS_IT_IS = "return a;";

/**
 * @param {readonly LayerStream[]} streams
 * @param {string} name
 */
export function streamNamed(streams, name) {
  return streams.find((stream) => stream.name === name) ?? streams[0];
}

/**
 * @param {LayerStream | undefined} stream
 * @returns {PaneSpec} the stream by itself
 */
export function paneOf(stream) {
  return { a: stream?.name ?? "", b: null, title: stream?.label ?? "", note: stream?.note ?? "" };
}
