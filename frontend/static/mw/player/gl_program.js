/** A linked WebGL program that fills its viewport, and its uniforms by name. */
import { VERTEX } from "./shader.js";

export class GlProgram {
  /** @type {Map<string, WebGLUniformLocation | null>} */ #uniforms = new Map();

  /**
   * @param {WebGL2RenderingContext} gl
   * @param {string} fragment
   * @throws {Error} with the driver's words when it does not compile or link
   */
  constructor(gl, fragment) {
    this.gl = gl;
    this.program = gl.createProgram();
    gl.attachShader(this.program, this.#compiled(gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(this.program, this.#compiled(gl.FRAGMENT_SHADER, fragment));
    gl.bindAttribLocation(this.program, 0, "corner");
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`a shader of the viewer does not link: ${gl.getProgramInfoLog(this.program)}`);
    }
  }

  use() {
    this.gl.useProgram(this.program);
  }

  /** @param {string} name */
  uniform(name) {
    if (!this.#uniforms.has(name)) this.#uniforms.set(name, this.gl.getUniformLocation(this.program, name));
    return this.#uniforms.get(name) ?? null;
  }

  /**
   * @param {number} type
   * @param {string} source
   */
  #compiled(type, source) {
    const { gl } = this;
    const shader = gl.createShader(type);
    if (!shader) throw new Error("the graphics driver makes no shader");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(`a shader of the viewer does not compile: ${gl.getShaderInfoLog(shader)}`);
    }
    return shader;
  }
}

/**
 * One triangle that covers everything, as attribute 0.
 * @param {WebGL2RenderingContext} gl
 */
export function bindTriangle(gl) {
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
}
