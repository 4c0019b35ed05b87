/**
 * What a view mode is. A view says which panes there are and how a pixel of a pane comes about;
 * it knows nothing of decoding, of the canvas, or of the other views.
 */

/**
 * @typedef {import("../picture.js").Picture} Picture
 * @typedef {import("../stream_set.js").Layers} Layers
 *
 * @typedef {object} LayerStream
 * @property {string} name "rgb_full"
 * @property {"rgb" | "gray"} kind
 * @property {string} label
 * @property {string} note
 *
 * @typedef {{a: string, b: string}} Picked names of streams
 *
 * @typedef {object} Place where a view looks
 * @property {number} frame
 * @property {readonly [x: number, y: number, width: number, height: number]} box in pixels of the picture
 * @property {string} label
 *
 * @typedef {object} Picks which streams the person chooses
 * @property {string} group views of one group share what was chosen
 * @property {readonly ("a" | "b")[]} fields
 * @property {{a?: "rgb" | "gray", b?: "rgb" | "gray"}} kinds what may be chosen; any kind where it says nothing
 * @property {(streams: readonly LayerStream[]) => Picked} first before anybody chose
 *
 * @typedef {object} Behind what lies behind an object
 * @property {string} stream a layer of the sample, or FOOTAGE
 * @property {string} label
 *
 * @typedef {object} ViewState
 * @property {Record<string, Picked>} picked by group
 * @property {Record<string, Values>} values by view
 * @property {boolean} flipped
 * @property {string | null} only the one stream that a narrow window has room for
 * @property {Behind | null} behind null until somebody chose
 * @property {number} room width that the panes have together, in device pixels
 *
 * @typedef {object} Input a picture of a pane
 * @property {string} stream name
 * @property {number} [offset] frames from the one on show, for views that look at its neighbours
 * @property {boolean} [covers] fills the picture instead of being stretched to it: what overhangs is cut
 *
 * @typedef {object} PaneSpec
 * @property {readonly Input[]} inputs one to three
 * @property {string} title stands above the picture
 * @property {string} note
 * @property {Place} [part] only this box of the picture, a pixel of it on a pixel of the screen, whatever
 *   the zoom; panes of one place stand in one row, with its label above them
 *
 * @typedef {object} Images rows of the picture's size, a pixel per number: R in the lowest byte, then G,
 *   B, and 255; `b` and `c` are `a` where there is no such input
 * @property {Uint32Array} a
 * @property {Uint32Array} b
 * @property {Uint32Array} c
 *
 * @typedef {readonly [number, number, number, number]} Values of a view's settings, in their order
 * @typedef {{width: number, height: number}} Size
 * @typedef {{x: number, y: number}} Point in pixels of the picture
 *
 * @typedef {object} Setting a number of the view that the person sets: a slider, or a list of options
 * @property {string} label
 * @property {number} value before anybody set it
 * @property {number} [least] slider
 * @property {number} [most]
 * @property {number} [step] 1 if absent
 * @property {string} [unit]
 * @property {readonly string[]} [options] list; the value is the place in it
 *
 * @typedef {object} Grip what a drag in the pane takes hold of
 * @property {(at: Point, values: Values, size: Size) => number} distance pixels of the picture from there to the grip
 * @property {(at: Point, values: Values, size: Size) => Values} drag
 * @property {(at: Point, values: Values, size: Size) => Values} turn the same with Shift
 *
 * @typedef {object} View
 * @property {string} id also the name of its GLSL function, so letters and _ only
 * @property {string} label translated
 * @property {string} icon of the sprite
 * @property {readonly string[]} keys at least one
 * @property {(streams: readonly LayerStream[], layers: Layers) => boolean} offered whether these streams are enough for it
 * @property {Picks | null} picks
 * @property {readonly Setting[]} settings at most four
 * @property {(streams: readonly LayerStream[], picked: Picked, state: ViewState, layers: Layers) => PaneSpec[]} panes
 * @property {string} glsl body of `vec3 f(vec3 a, vec3 b, vec3 c, vec2 at, vec4 values)`; colours and `at`
 *   (place in the picture) run from 0 to 1, `values` are the settings as the person sees them, and
 *   `size` is the picture's in pixels
 * @property {(images: Images, out: Uint32Array, values: Values, size: Size) => void} paint the same in
 *   JavaScript, for all pixels at once: for machines without a graphics card, and what the shader is
 *   tested against
 * @property {(pictures: readonly Picture[], inputs: readonly Input[]) => Picture} [derive] makes of the
 *   pictures one that stands in for the last, where a pixel depends on more than its own place; may
 *   take some milliseconds
 * @property {(derived: Picture) => string} [figure] what the derived picture comes to, said beside the title
 * @property {(layers: Layers) => readonly Place[]} [places] that its key goes to, one after the other
 * @property {(state: ViewState) => Partial<ViewState>} [again] its key was pressed while it is on
 * @property {(state: ViewState) => boolean} [behind] whether it looks at what the person chose to lie behind
 * @property {Grip} [grip]
 */

/** The name of the input that is not of the sample: a video or still of the project, behind the object. */
export const FOOTAGE = "footage";

/** The GLSL of a view that shows the stream as it is; it costs no pass of its own. */
export const AS_IT_IS = "return a;";

/**
 * A pixel of `Images`.
 * @param {number} red 0 to 255, whole
 * @param {number} green
 * @param {number} blue
 */
export function packed(red, green, blue) {
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}

/** @type {Values} */
const NOTHING = [0, 0, 0, 0];

/**
 * @param {View} view
 * @param {ViewState} state
 * @returns {Values} as set, else as they are before
 */
export function valuesOf(view, state) {
  const set = state.values[view.id];
  if (set) return set;
  const [a = 0, b = 0, c = 0, d = 0] = view.settings.map(({ value }) => value);
  return view.settings.length ? [a, b, c, d] : NOTHING;
}

/**
 * @param {View} view
 * @param {ViewState} state
 * @param {number} at place of the setting
 * @param {number} value
 * @returns {Partial<ViewState>}
 */
export function withValue(view, state, at, value) {
  const values = /** @type {[number, number, number, number]} */ ([...valuesOf(view, state)]);
  values[at] = value;
  return { values: { ...state.values, [view.id]: values } };
}

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
  return { inputs: [{ stream: stream?.name ?? "" }], title: stream?.label ?? "", note: stream?.note ?? "" };
}

/**
 * @param {readonly LayerStream[]} streams
 * @param {Picked} picked
 * @param {(a: string, b: string) => string} title of both labels
 * @returns {PaneSpec} both streams in one pane
 */
export function pairPane(streams, picked, title) {
  const [a, b] = [streamNamed(streams, picked.a), streamNamed(streams, picked.b)];
  const inputs = [{ stream: a?.name ?? "" }, { stream: b?.name ?? "" }];
  return { inputs, title: title(a?.label ?? "", b?.label ?? ""), note: "" };
}

/**
 * The soft matte of a sample; where there is none, the first gray stream.
 * @param {readonly LayerStream[]} streams
 */
export function matteOf(streams) {
  return streams.find(({ name }) => name === "alpha") ?? streams.find(({ kind }) => kind === "gray");
}

/** Two streams to compare. Two colour layers are worth it most; otherwise the first two of any kind. */
export const PAIR = /** @type {Picks} */ ({
  group: "pair",
  fields: ["a", "b"],
  kinds: {},
  first: (streams) => {
    const colour = streams.filter(({ kind }) => kind === "rgb");
    const [a, b] = colour.length > 1 ? colour : streams;
    return { a: a?.name ?? "", b: (b ?? a)?.name ?? "" };
  },
});

/** One matte. */
export const MATTE = /** @type {Picks} */ ({
  group: "matte",
  fields: ["a"],
  kinds: { a: "gray" },
  first: (streams) => ({ a: matteOf(streams)?.name ?? "", b: "" }),
});

/** One stream of any kind, the matte first. */
export const LAYER = /** @type {Picks} */ ({
  group: "layer",
  fields: ["a"],
  kinds: {},
  first: (streams) => ({ a: (matteOf(streams) ?? streams[0])?.name ?? "", b: "" }),
});

/** @param {readonly LayerStream[]} streams */
export const twoStreams = (streams) => streams.length > 1;

/** @param {readonly LayerStream[]} streams */
export const aMatte = (streams) => streams.some(({ kind }) => kind === "gray");
