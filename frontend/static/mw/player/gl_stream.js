/** The picture of one stream on the graphics card: uploaded, and converted to RGB, once per frame. */
import { GlTexture } from "./gl_texture.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./gl_program.js").GlProgram} GlProgram */

export class GlStream {
  /** @type {Picture | null} */ #picture = null;
  /** @type {GlTexture[]} */ #planes = [];

  /**
   * @param {WebGL2RenderingContext} gl
   * @param {GlProgram} converter
   */
  constructor(gl, converter) {
    this.gl = gl;
    this.converter = converter;
    /** RGB of every pixel; row 0 is the first. */
    this.texture = new GlTexture(gl);
  }

  /** @param {Picture} picture */
  show(picture) {
    if (picture === this.#picture) return;
    const { gl } = this;
    this.#picture = picture;
    const { format } = picture;
    if (picture.bitmap) return this.texture.uploadBitmap(picture.bitmap);
    // A gray value is read as R, G and B alike, exactly as stored.
    if (format === "gray") upload(this.texture, picture, 0, [gl.LUMINANCE, gl.LUMINANCE, 1]);
    else if (format === "rgba") upload(this.texture, picture, 0, [gl.RGBA8, gl.RGBA, 4]);
    else this.#convert(picture);
  }

  /** @param {Picture} picture */
  #convert(picture) {
    const { gl, converter } = this;
    const { width, height, matrix } = picture;
    const interleaved = picture.format === "nv12";
    while (this.#planes.length < 3) this.#planes.push(new GlTexture(gl));
    const [luma, first, second] = /** @type {[GlTexture, GlTexture, GlTexture]} */ (this.#planes);
    upload(luma, picture, 0, [gl.R8, gl.RED, 1]);
    upload(first, picture, 1, interleaved ? [gl.RG8, gl.RG, 2] : [gl.R8, gl.RED, 1]);
    if (!interleaved) upload(second, picture, 2, [gl.R8, gl.RED, 1]);
    this.texture.aim(width, height);
    converter.use();
    [luma, first, second].forEach((plane, unit) => {
      plane.bind(unit);
      gl.uniform1i(converter.uniform(`plane_${unit}`), unit);
    });
    gl.uniform1i(converter.uniform("interleaved"), interleaved ? 1 : 0);
    gl.uniform2i(converter.uniform("size"), width, height);
    gl.uniform4fv(converter.uniform("matrix"), matrix.flat());
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}

/**
 * @param {GlTexture} texture
 * @param {Picture} picture
 * @param {number} plane
 * @param {readonly [internal: number, external: number, channels: number]} format
 */
function upload(texture, { data, planes, width, height }, plane, format) {
  const [w, h] = plane > 0 ? [width >> 1, height >> 1] : [width, height];
  const { offset = 0, stride = w * format[2] } = planes[plane] ?? {};
  texture.upload(format, w, h, data.subarray(offset), stride);
}
