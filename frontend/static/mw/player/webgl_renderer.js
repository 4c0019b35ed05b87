/** All panes on one WebGL2 canvas. */
import { GlProgram } from "./gl_program.js";
import { GlShading } from "./gl_shading.js";
import { GlTexture } from "./gl_texture.js";
import { MAGNIFY, REDUCE } from "./shader.js";
import { AS_IT_IS } from "./views/view.js";

/** @typedef {import("./renderer.js").DrawnPane} DrawnPane */
/** @typedef {import("./views/view.js").View} View */

export class WebglRenderer {
  kind = "webgl2";
  #canvas;
  #gl;
  #views;
  #listening = new AbortController();
  #programs;
  /** @type {GlShading | null} */ #shading = null;
  /** @type {GlTexture[]} what a view made of two streams, by pane */ #shaded = [];

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {WebGL2RenderingContext} gl
   * @param {readonly View[]} views
   * @param {() => void} onRestored
   */
  constructor(canvas, gl, views, onRestored) {
    this.#canvas = canvas;
    this.#gl = gl;
    this.#views = views;
    const { signal } = this.#listening;
    // Preventing the default is what makes the browser give the context back.
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault(), { signal });
    canvas.addEventListener("webglcontextrestored", () => {
      this.#programs = this.#build();
      onRestored();
    }, { signal });
    this.#programs = this.#build();
  }

  /** @param {readonly DrawnPane[]} panes */
  draw(panes) {
    const gl = this.#gl;
    if (gl.isContextLost()) return;
    const pictures = panes.map((pane, number) => this.#shade(pane, number));
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.SCISSOR_TEST);
    panes.forEach((pane, number) => this.#place(pane, /** @type {GlTexture} */ (pictures[number])));
  }

  close() {
    this.#listening.abort();
    this.#shading = null;
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  #build() {
    const gl = this.#gl;
    this.#shaded = [];
    this.#shading = new GlShading(gl, this.#views);
    const made = (/** @type {string} */ fragment) => new GlProgram(gl, fragment);
    return { magnify: made(MAGNIFY), reduce: made(REDUCE) };
  }

  /**
   * The pane's picture at its own size.
   * @param {DrawnPane} pane
   * @param {number} number
   * @returns {GlTexture}
   */
  #shade(pane, number) {
    const shading = /** @type {GlShading} */ (this.#shading);
    if (pane.view.glsl === AS_IT_IS) return shading.textureOf(/** @type {DrawnPane["inputs"][number]} */ (pane.inputs[0]));
    const shaded = (this.#shaded[number] ??= new GlTexture(this.#gl));
    shading.shade(pane, shaded);
    return shaded;
  }

  /**
   * Put the picture into its pane.
   * @param {DrawnPane} pane
   * @param {GlTexture} picture
   */
  #place({ rect, placed, size }, picture) {
    const gl = this.#gl;
    const { scale } = placed;
    const height = this.#canvas.height;
    const left = Math.max(rect.left, rect.left + placed.left);
    const top = Math.max(rect.top, rect.top + placed.top);
    const right = Math.min(rect.left + rect.width, Math.round(rect.left + placed.left + size.width * scale));
    const bottom = Math.min(rect.top + rect.height, Math.round(rect.top + placed.top + size.height * scale));
    if (right <= left || bottom <= top) return;
    const program = scale < 1 ? this.#programs.reduce : this.#programs.magnify;
    picture.filter(scale >= 1 ? gl.NEAREST : scale >= 0.5 ? gl.LINEAR : gl.LINEAR_MIPMAP_LINEAR);
    program.use();
    picture.bind(0);
    gl.uniform1i(program.uniform("picture"), 0);
    gl.uniform2f(program.uniform("top_left"), rect.left + placed.left, height - rect.top - placed.top);
    // The canvas counts rows from below, pictures from above.
    gl.uniform2f(program.uniform("step_size"), 1 / scale, -1 / scale);
    gl.uniform2f(program.uniform("size"), size.width, size.height);
    gl.scissor(left, height - bottom, right - left, bottom - top);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}
