/** The canvas over the player's picture: masks, marks, what is being drawn, the brush. */
import { element } from "../lib/build.js";
import { COLOURS, tinted } from "./tint.js";

/** @typedef {import("./mask_store.js").Plane} Plane */
/** @typedef {import("./tint.js").Look} Look */
/** @typedef {import("./marks.js").Drag} Drag */
/** @typedef {import("./session.js").KeptMark} KeptMark */
/** @typedef {{number: number, colour: number, plane: Plane}} ShownMask */
/**
 * @typedef {object} Scene
 * @property {{scale: number, left: number, top: number}} placed
 * @property {{width: number, height: number}} size of the video
 * @property {ShownMask[]} masks
 * @property {ShownMask[]} onion of the neighbours
 * @property {KeptMark[]} marks
 * @property {Look} look
 * @property {Drag | null} drag
 * @property {number} colour of the current object
 * @property {{x: number, y: number, radius: number} | null} brush
 */

export class Overlay {
  canvas = element("canvas", { class: "annotate-overlay", "aria-hidden": "true" });
  #context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
  /** @type {WeakMap<Plane, Map<string, HTMLCanvasElement>>} */ #tints = new WeakMap();

  /** @param {Scene} scene */
  draw(scene) {
    const { canvas } = this;
    const width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    const height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const { scale, left, top } = scene.placed;
    context.setTransform(scale, 0, 0, scale, left, top);
    if (scene.look === "alone") {
      context.fillStyle = "black";
      context.fillRect(0, 0, scene.size.width, scene.size.height);
    }
    context.imageSmoothingEnabled = scale < 1;
    context.globalAlpha = 0.45;
    for (const mask of scene.onion) this.#drawMask(mask, "contour", scene.size);
    context.globalAlpha = 1;
    for (const mask of scene.masks) this.#drawMask(mask, scene.look, scene.size);
    for (const mark of scene.marks) this.#drawMark(mark, scale);
    if (scene.drag) this.#drawDrag(scene.drag, scene.colour, scale, scene.brush?.radius ?? 3);
    if (scene.brush) this.#drawBrush(scene.brush, scale);
  }

  /** @param {ShownMask} mask @param {Look} look @param {{width: number, height: number}} size */
  #drawMask({ plane, colour }, look, size) {
    const made = this.#tints.get(plane) ?? new Map();
    this.#tints.set(plane, made);
    const key = `${colour} ${look}`;
    if (!made.has(key)) {
      const tint = element("canvas", { width: plane.width, height: plane.height });
      const pixels = new ImageData(tinted(plane, colourOf(colour), look), plane.width, plane.height);
      tint.getContext("2d")?.putImageData(pixels, 0, 0);
      made.clear();
      made.set(key, tint);
    }
    this.#context.drawImage(made.get(key), 0, 0, size.width, size.height);
  }

  /** What is seen on any picture: the mark's white, or black. @param {boolean} light */
  #ink(light) {
    return getComputedStyle(this.canvas).getPropertyValue(light ? "--mark" : "--well-black");
  }

  /** @param {KeptMark} mark @param {number} scale */
  #drawMark({ kind, points, positive, radius }, scale) {
    const context = this.#context;
    const [first] = points;
    if (!first || kind === "brush") return;
    const px = devicePixelRatio / scale;
    context.lineWidth = kind === "scribble" ? Math.max(2 * px, radius) : 1.5 * px;
    context.strokeStyle = this.#ink(positive);
    context.fillStyle = context.strokeStyle;
    context.beginPath();
    if (kind === "click") {
      context.arc(Number(first[0]) + 0.5, Number(first[1]) + 0.5, 4 * px, 0, 2 * Math.PI);
      context.fill();
      context.strokeStyle = this.#ink(!positive);
    } else this.#trace(kind, points);
    context.stroke();
  }

  /** @param {Drag} drag @param {number} colour @param {number} scale @param {number} radius */
  #drawDrag({ tool, points, positive }, colour, scale, radius) {
    const context = this.#context;
    const px = devicePixelRatio / scale;
    const painting = tool === "brush" || tool === "erase";
    context.globalAlpha = painting ? 0.5 : 1;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = painting ? 2 * radius : 3 * px;
    context.strokeStyle = positive ? `rgb(${colourOf(colour).join(" ")})` : this.#ink(false);
    context.beginPath();
    this.#trace(tool, points);
    context.stroke();
    context.globalAlpha = 1;
  }

  /** @param {string} kind @param {number[][]} points */
  #trace(kind, points) {
    const context = this.#context;
    const at = points.map(([x, y]) => [Number(x) + 0.5, Number(y) + 0.5]);
    const [[x0, y0] = [0, 0]] = at;
    const [x1, y1] = at.at(-1) ?? [0, 0];
    if (kind === "box") return context.rect(Number(x0), Number(y0), Number(x1) - Number(x0), Number(y1) - Number(y0));
    context.moveTo(Number(x0), Number(y0));
    for (const [x, y] of at) context.lineTo(Number(x), Number(y));
    if (kind === "outline") context.closePath();
  }

  /** @param {{x: number, y: number, radius: number}} brush @param {number} scale */
  #drawBrush({ x, y, radius }, scale) {
    const context = this.#context;
    for (const [light, width] of /** @type {const} */ ([[false, 3], [true, 1]])) {
      context.strokeStyle = this.#ink(light);
      context.lineWidth = (width * devicePixelRatio) / scale;
      context.beginPath();
      context.arc(x + 0.5, y + 0.5, radius, 0, 2 * Math.PI);
      context.stroke();
    }
  }
}

/** @param {number} colour */
export function colourOf(colour) {
  return COLOURS[colour % COLOURS.length] ?? COLOURS[0];
}
