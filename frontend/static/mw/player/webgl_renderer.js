/** All panes on one WebGL2 canvas. */
import { bindTriangle, GlProgram } from "./gl_program.js";
import { GlStream } from "./gl_stream.js";
import { CONVERT, fragmentShader } from "./shader.js";

/** @typedef {import("./renderer.js").DrawnPane} DrawnPane */
/** @typedef {import("./views/view.js").View} View */

export class WebglRenderer {
  kind = "webgl2";
  #canvas;
  #gl;
  #views;
  #listening = new AbortController();
  /** @type {GlProgram} */ #painter;
  /** @type {GlProgram} */ #converter;
  /** @type {Map<string, GlStream>} */ #streams = new Map();

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
      [this.#painter, this.#converter] = this.#programs();
      onRestored();
    }, { signal });
    [this.#painter, this.#converter] = this.#programs();
  }

  /** @param {readonly DrawnPane[]} panes */
  draw(panes) {
    const gl = this.#gl;
    if (gl.isContextLost()) return;
    for (const { a, b } of panes) {
      for (const stream of b ? [a, b] : [a]) this.#streamOf(stream.name).show(stream.picture);
    }
    gl.viewport(0, 0, this.#canvas.width, this.#canvas.height);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.SCISSOR_TEST);
    this.#painter.use();
    for (const pane of panes) this.#drawPane(pane);
  }

  close() {
    this.#listening.abort();
    this.#streams.clear();
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  /** @returns {[painter: GlProgram, converter: GlProgram]} */
  #programs() {
    this.#streams.clear();
    bindTriangle(this.#gl);
    return [new GlProgram(this.#gl, fragmentShader(this.#views)), new GlProgram(this.#gl, CONVERT)];
  }

  /** @param {string} name */
  #streamOf(name) {
    const stream = this.#streams.get(name) ?? new GlStream(this.#gl, this.#converter);
    this.#streams.set(name, stream);
    return stream;
  }

  /** @param {DrawnPane} pane */
  #drawPane({ rect, placed, size, a, b, view, amount }) {
    const gl = this.#gl;
    const painter = this.#painter;
    const height = this.#canvas.height;
    const left = Math.max(rect.left, rect.left + placed.left);
    const top = Math.max(rect.top, rect.top + placed.top);
    const right = Math.min(rect.left + rect.width, Math.round(rect.left + placed.left + size.width * placed.scale));
    const bottom = Math.min(rect.top + rect.height, Math.round(rect.top + placed.top + size.height * placed.scale));
    if (right <= left || bottom <= top) return;
    gl.scissor(left, height - bottom, right - left, bottom - top);
    gl.uniform1i(painter.uniform("mode"), this.#views.indexOf(view));
    gl.uniform1f(painter.uniform("amount"), amount);
    gl.uniform2f(painter.uniform("top_left"), rect.left + placed.left, height - rect.top - placed.top);
    gl.uniform1f(painter.uniform("scale"), placed.scale);
    gl.uniform2f(painter.uniform("size"), size.width, size.height);
    [a, b ?? a].forEach(({ name }, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, this.#streamOf(name).texture);
    });
    gl.uniform1i(painter.uniform("stream_a"), 0);
    gl.uniform1i(painter.uniform("stream_b"), 1);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}
