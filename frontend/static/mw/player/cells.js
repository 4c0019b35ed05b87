/**
 * Parts of frames beside each other, a pixel of the picture on a pixel of the screen: a row for each place,
 * a cell for each frame. A press on a cell goes to its frame.
 */
import { element } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { cropOf } from "./crop.js";

/** @typedef {import("./model.js").PlayerModel} PlayerModel */
/** @typedef {import("./renderer.js").DrawnPane} DrawnPane */
/** @typedef {import("./stream_set.js").Shown} Shown */
/** @typedef {import("./views/view.js").PaneSpec} PaneSpec */
/** @typedef {import("./views/view.js").Place} Place */
/** @typedef {import("./panes.js").Hover} Hover */

/**
 * @typedef {object} Cell
 * @property {Place} part
 * @property {string} stream
 * @property {number} offset frames from the one on show
 * @property {HTMLElement} box
 * @property {DrawnPane["rect"] | null} rect
 * @property {(frame: number, readings: ReadonlyMap<string, string> | null) => void} describe `frame` is the one on
 *   show, `readings` what is under the pointer by stream, null where it is not
 */

/**
 * @param {PaneSpec} spec of a part, with one input
 * @param {PlayerModel} model
 * @param {(hover: Hover | null) => void} onHover
 * @param {AbortSignal} signal
 * @returns {Cell}
 */
export function cellOf({ inputs, title, part }, model, onHover, signal) {
  const { stream = "", offset = 0 } = inputs[0] ?? {};
  const place = /** @type {Place} */ (part);
  const [x, y, width, height] = place.box;
  const [name, value] = [element("b"), element("span", { class: "value" })];
  const box = element("div", { class: "pic", role: "img" });
  Object.assign(box.style, { width: `${width / devicePixelRatio}px`, height: `${height / devicePixelRatio}px` });
  const now = () => model.clock.frame + offset;
  box.addEventListener("pointermove", (event) => {
    const { left, top } = box.getBoundingClientRect();
    const [right, down] = [(event.clientX - left) * devicePixelRatio, (event.clientY - top) * devicePixelRatio].map(Math.floor);
    const at = { x: x + Math.min(width - 1, right ?? 0), y: y + Math.min(height - 1, down ?? 0) };
    onHover(isInside(model, now()) ? { box, offset, ...at } : null);
  }, { signal });
  box.addEventListener("pointerleave", () => onHover(null), { signal });
  box.addEventListener("click", () => isInside(model, now()) && goTo(model, now()), { signal });
  const figure = element("figure", { class: offset === 0 ? "pane now" : "pane" }, element("figcaption", { class: "pane-h" }, name, value), box);
  const describe = (/** @type {number} */ shown, /** @type {ReadonlyMap<string, string> | null} */ readings) => {
    const frame = shown + offset;
    figure.classList.toggle("beyond", !isInside(model, frame));
    name.textContent = isInside(model, frame) ? String(frame) : "";
    value.textContent = readings?.get(stream) ?? "";
    box.setAttribute("aria-label", interpolate(gettext("%(name)s, frame %(frame)s"), { name: title, frame }));
  };
  return { part: place, stream, offset, box, rect: null, describe };
}

/**
 * @param {readonly Cell[]} cells
 * @param {PlayerModel} model
 * @param {AbortSignal} signal
 * @returns {HTMLElement[]} a row for each place: a button with its label, which goes to its frame, and its cells
 */
export function rowsOf(cells, model, signal) {
  const places = [...new Set(cells.map(({ part }) => part))];
  return places.map((part) => {
    const label = element("button", { type: "button", class: "film-h" }, part.label);
    label.addEventListener("click", () => goTo(model, part.frame), { signal });
    const own = cells.filter((cell) => cell.part === part).map(({ box }) => /** @type {HTMLElement} */ (box.parentElement));
    return element("section", { class: "film-row" }, label, element("div", { class: "film-cells" }, ...own));
  });
}

/**
 * @param {Cell} cell whose rect is known
 * @param {Shown} shown
 * @param {PlayerModel} model
 * @returns {DrawnPane | null} null beyond the ends of the clip
 */
export function drawnCell({ part, stream, offset, rect }, shown, { layers, view, values }) {
  const picture = shown.get(stream, offset);
  if (!rect || !picture || shown.frame + offset < 0 || shown.frame + offset >= layers.frames) return null;
  const [x, y] = part.box;
  const key = `${stream} ${offset} ${part.box.join(" ")}`;
  if (picture.width !== layers.width || picture.height !== layers.height) {
    return { rect, placed: { scale: 1, left: -x, top: -y }, size: layers, inputs: [{ key, picture }], view, values };
  }
  const crop = cropOf(picture, part.box);
  const placed = { scale: 1, left: crop.left - x, top: crop.top - y };
  return { rect, placed, size: crop.picture, inputs: [{ key, picture: crop.picture }], view, values };
}

/**
 * @param {PlayerModel} model
 * @param {number} frame
 */
function isInside({ layers }, frame) {
  return frame >= 0 && frame < layers.frames;
}

/**
 * @param {PlayerModel} model
 * @param {number} frame
 */
function goTo(model, frame) {
  model.pause();
  model.seek(frame);
}
