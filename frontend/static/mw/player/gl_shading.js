/** The views' shader on one WebGL context: the pictures of a pane become one texture of its own size. */
import { bindTriangle, GlProgram } from "./gl_program.js";
import { GlStream } from "./gl_stream.js";
import { GlTexture } from "./gl_texture.js";
import { seenOf, WHOLE } from "./seen.js";
import { CONVERT, viewShader } from "./shader.js";

/** @typedef {import("./renderer.js").DrawnPane} DrawnPane */
/** @typedef {import("./views/view.js").View} View */

export class GlShading {
  #gl;
  #views;
  #convert;
  #program;
  /** @type {Map<string, GlStream>} */ #streams = new Map();

  /**
   * @param {WebGL2RenderingContext} gl
   * @param {readonly View[]} views
   */
  constructor(gl, views) {
    this.#gl = gl;
    this.#views = views;
    bindTriangle(gl);
    this.#convert = new GlProgram(gl, CONVERT);
    this.#program = new GlProgram(gl, viewShader(views));
  }

  /**
   * A picture as it is.
   * @param {DrawnPane["inputs"][number]} input
   * @returns {GlTexture}
   */
  textureOf({ key, picture }) {
    const stream = this.#streams.get(key) ?? new GlStream(this.#gl, this.#convert);
    this.#streams.set(key, stream);
    stream.show(picture);
    return stream.texture;
  }

  /**
   * What the view makes of its pictures.
   * @param {Pick<DrawnPane, "inputs" | "view" | "size" | "values">} pane
   * @param {GlTexture | null} target null draws on the canvas itself, which must have the picture's size
   */
  shade({ inputs, view, size, values }, target) {
    const gl = this.#gl;
    const textures = inputs.map((input) => this.textureOf(input));
    if (target) {
      target.aim(size.width, size.height);
    } else {
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
      gl.viewport(0, 0, size.width, size.height);
    }
    const program = this.#program;
    program.use();
    ["stream_a", "stream_b", "stream_c"].forEach((name, unit) => {
      (textures[unit] ?? textures[0])?.bind(unit);
      gl.uniform1i(program.uniform(name), unit);
    });
    const parts = [0, 1, 2].map((unit) => (inputs[unit] ? seenOf(inputs[unit], size) : WHOLE));
    gl.uniform4fv(program.uniform("seen"), parts.flatMap(({ left, top, width, height }) => [left, top, width, height]));
    gl.uniform1i(program.uniform("mode"), this.#views.indexOf(view));
    gl.uniform4f(program.uniform("values"), ...values);
    gl.uniform2f(program.uniform("size"), size.width, size.height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}
