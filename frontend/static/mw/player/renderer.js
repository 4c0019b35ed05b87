/** Which of the two renderers a browser gets, and what both are given. */
import { CanvasRenderer } from "./canvas_renderer.js";
import { WebglRenderer } from "./webgl_renderer.js";

/**
 * @typedef {import("./picture.js").Picture} Picture
 * @typedef {import("./views/view.js").View} View
 *
 * @typedef {object} DrawnPane
 * @property {{left: number, top: number, width: number, height: number}} rect of the pane in the canvas, device pixels
 * @property {{scale: number, left: number, top: number}} placed where the picture lies in the pane, device pixels
 * @property {{width: number, height: number}} size of the picture that panes share
 * @property {{name: string, picture: Picture}} a
 * @property {{name: string, picture: Picture} | null} b
 * @property {View} view
 * @property {number} amount
 *
 * @typedef {object} Renderer
 * @property {string} kind "webgl2" or "2d"
 * @property {(panes: readonly DrawnPane[]) => void} draw
 * @property {() => void} close
 */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {readonly View[]} views
 * @param {() => void} onRestored the graphics driver came back and everything must be drawn again
 * @returns {Renderer}
 */
export function makeRenderer(canvas, views, onRestored) {
  const gl = canvas.getContext("webgl2", { antialias: false, depth: false });
  return gl ? new WebglRenderer(canvas, gl, views, onRestored) : new CanvasRenderer(canvas);
}
