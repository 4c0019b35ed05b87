/** Which of the two renderers a browser gets, and what both are given. */
/**
 * @typedef {import("./picture.js").Picture} Picture
 * @typedef {import("./views/view.js").View} View
 *
 * @typedef {object} DrawnPane
 * @property {{left: number, top: number, width: number, height: number}} rect of the pane in the canvas, device pixels
 * @property {{scale: number, left: number, top: number}} placed where the picture lies in the pane, device pixels
 * @property {{width: number, height: number}} size of the picture that panes share
 * @property {readonly {key: string, picture: Picture, covers?: boolean | undefined}[]} inputs one to three; `key` stays the
 *   same from frame to frame
 * @property {View} view
 * @property {import("./views/view.js").Values} values of the view's settings
 *
 * @typedef {object} Renderer
 * @property {string} kind "webgl2" or "2d"
 * @property {(panes: readonly DrawnPane[]) => void} draw
 * @property {() => void} close
 */

const OPTIONS = { antialias: false, depth: false, failIfMajorPerformanceCaveat: true };

const EMULATED = /swiftshader|llvmpipe|softpipe|basic render|software/i;

/** @type {boolean | null} */
let bitmaps = null;
/** A browser never asks again for a module that it could not load, so that the next address is another. */
let again = "";

/**
 * Without a graphics card a 2D canvas draws bitmaps several times faster than WebGL emulated on the
 * processor. Asked once: making a context to find out is not free.
 */
export function drawsBitmaps() {
  bitmaps ??= !isAccelerated();
  return bitmaps;
}

/** Browsers do not all call an emulation a caveat, so its name decides, too. */
function isAccelerated() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2", OPTIONS);
  if (!gl) return false;
  const details = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(details ? details.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !EMULATED.test(name);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {readonly View[]} views
 * @param {() => void} onRestored the graphics driver came back and everything must be drawn again
 * @returns {Promise<Renderer>}
 */
export async function makeRenderer(canvas, views, onRestored) {
  const gl = drawsBitmaps() ? null : canvas.getContext("webgl2", OPTIONS);
  try {
    // A browser needs one of the two and loads no more.
    if (gl instanceof WebGL2RenderingContext) {
      /** @type {typeof import("./webgl_renderer.js")} */
      const { WebglRenderer } = await import(`./webgl_renderer.js${again}`);
      return new WebglRenderer(canvas, gl, views, onRestored);
    }
    /** @type {typeof import("./canvas_renderer.js")} */
    const { CanvasRenderer } = await import(`./canvas_renderer.js${again}`);
    return new CanvasRenderer(canvas);
  } catch (error) {
    again += "?";
    throw error;
  }
}
