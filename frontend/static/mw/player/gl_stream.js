/** The picture of one stream on the graphics card: uploaded, and converted to RGB, once per frame. */

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./gl_program.js").GlProgram} GlProgram */

/** Texture unit from which conversion reads its three planes; panes use 0 and 1. */
const PLANE_UNIT = 2;

export class GlStream {
  /** @type {WebGLTexture} what panes read: RGB of every pixel, first row on top */ texture;
  /** @type {Picture | null} */ #picture = null;
  /** @type {WebGLTexture[]} */ #planes = [];
  /** @type {WebGLFramebuffer | null} */ #target = null;

  /**
   * @param {WebGL2RenderingContext} gl
   * @param {GlProgram} converter
   */
  constructor(gl, converter) {
    this.gl = gl;
    this.converter = converter;
    this.texture = this.#newTexture();
  }

  /** @param {Picture} picture */
  show(picture) {
    if (picture === this.#picture) return;
    const { gl } = this;
    this.#picture = picture;
    const { format, width, height } = picture;
    // A gray value is read as R, G and B alike, exactly as stored.
    if (format === "gray") this.#upload(this.texture, 0, width, height, gl.LUMINANCE, gl.LUMINANCE, 1);
    else if (format === "rgba") this.#upload(this.texture, 0, width, height, gl.RGBA8, gl.RGBA, 4);
    else this.#convert(picture);
  }

  /** @param {Picture} picture */
  #convert({ format, width, height, matrix }) {
    const { gl, converter } = this;
    const interleaved = format === "nv12";
    while (this.#planes.length < 3) this.#planes.push(this.#newTexture());
    const [luma, first, second] = /** @type {[WebGLTexture, WebGLTexture, WebGLTexture]} */ (this.#planes);
    const [w, h] = [width >> 1, height >> 1];
    this.#upload(luma, 0, width, height, gl.R8, gl.RED, 1);
    if (interleaved) this.#upload(first, 1, w, h, gl.RG8, gl.RG, 2);
    else this.#upload(first, 1, w, h, gl.R8, gl.RED, 1);
    if (!interleaved) this.#upload(second, 2, w, h, gl.R8, gl.RED, 1);
    this.#aim(width, height);
    converter.use();
    [luma, first, second].forEach((plane, at) => {
      gl.activeTexture(gl.TEXTURE0 + PLANE_UNIT + at);
      gl.bindTexture(gl.TEXTURE_2D, plane);
      gl.uniform1i(converter.uniform(`plane_${at}`), PLANE_UNIT + at);
    });
    gl.uniform1i(converter.uniform("interleaved"), interleaved ? 1 : 0);
    gl.uniform2i(converter.uniform("size"), width, height);
    gl.uniform4fv(converter.uniform("matrix"), matrix.flat());
    gl.disable(gl.SCISSOR_TEST);
    gl.viewport(0, 0, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  /**
   * Draw into this.texture from now on.
   * @param {number} width
   * @param {number} height
   */
  #aim(width, height) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + PLANE_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    this.#target ??= gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
  }

  /**
   * @param {WebGLTexture} texture
   * @param {number} plane
   * @param {number} width
   * @param {number} height
   * @param {number} internal
   * @param {number} external
   * @param {number} channels
   */
  #upload(texture, plane, width, height, internal, external, channels) {
    const { gl } = this;
    const { data, planes } = /** @type {Picture} */ (this.#picture);
    const { offset = 0, stride = width * channels } = planes[plane] ?? {};
    gl.activeTexture(gl.TEXTURE0 + PLANE_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, stride / channels);
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, external, gl.UNSIGNED_BYTE, data.subarray(offset));
  }

  #newTexture() {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + PLANE_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    return texture;
  }
}
