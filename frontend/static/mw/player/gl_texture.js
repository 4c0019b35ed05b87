/** A texture that is uploaded to or drawn into; never filtered unless asked. */

export class GlTexture {
  #size = [0, 0];
  /** @type {WebGLFramebuffer | null} */ #target = null;
  #filter = 0;
  #mipmapped = false;

  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
    this.texture = gl.createTexture();
    this.bind(0);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    this.filter(gl.NEAREST);
  }

  /** @param {number} unit */
  bind(unit) {
    this.gl.activeTexture(this.gl.TEXTURE0 + unit);
    this.gl.bindTexture(this.gl.TEXTURE_2D, this.texture);
  }

  /**
   * Replace the content.
   * @param {readonly [internal: number, external: number, channels: number]} format
   * @param {number} width
   * @param {number} height
   * @param {Uint8Array} data
   * @param {number} stride bytes from row to row
   */
  upload([internal, external, channels], width, height, data, stride) {
    const { gl } = this;
    this.bind(0);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, stride / channels);
    gl.texImage2D(gl.TEXTURE_2D, 0, internal, width, height, 0, external, gl.UNSIGNED_BYTE, data);
    this.#size = [0, 0];
    this.#mipmapped = false;
  }

  /** @param {ImageBitmap} bitmap */
  uploadBitmap(bitmap) {
    const { gl } = this;
    this.bind(0);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    this.#size = [0, 0];
    this.#mipmapped = false;
  }

  /**
   * Drawing goes into this texture until another framebuffer is bound; pixel row 0 is the first row.
   * @param {number} width
   * @param {number} height
   */
  aim(width, height) {
    const { gl } = this;
    this.bind(0);
    if (this.#size[0] !== width || this.#size[1] !== height) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      this.#size = [width, height];
    }
    this.#target ??= gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
    gl.disable(gl.SCISSOR_TEST);
    gl.viewport(0, 0, width, height);
    this.#mipmapped = false;
  }

  /** @param {number} filter NEAREST, LINEAR, or LINEAR_MIPMAP_LINEAR, for which mipmaps are made */
  filter(filter) {
    const { gl } = this;
    this.bind(0);
    if (filter === gl.LINEAR_MIPMAP_LINEAR && !this.#mipmapped) {
      gl.generateMipmap(gl.TEXTURE_2D);
      this.#mipmapped = true;
    }
    if (filter === this.#filter) return;
    this.#filter = filter;
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }
}
