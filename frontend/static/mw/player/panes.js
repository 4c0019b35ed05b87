/**
 * The panes of the stage: a line with name and value above each picture, and an empty box where
 * the canvas shows it.
 */
import { element } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { cellOf, drawnCell, rowsOf } from "./cells.js";
import { PanePointer } from "./pane_pointer.js";
import { readingText } from "./readout.js";
import { bestColumns } from "./transform.js";
import { ZoomControl } from "./zoom_control.js";

/** @typedef {import("./model.js").PlayerModel} PlayerModel */
/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./readout.js").Readout} Readout */
/** @typedef {import("./views/view.js").PaneSpec} PaneSpec */
/** @typedef {import("./views/view.js").View} View */
/** @typedef {import("./renderer.js").DrawnPane} DrawnPane */
/** @typedef {import("./stream_set.js").Shown} Shown */
/** @typedef {import("./cells.js").Cell} Cell */
/** @typedef {{spec: PaneSpec, box: HTMLElement, note: HTMLElement, value: HTMLElement, cross: HTMLElement, rect: DrawnPane["rect"] | null}} Pane */
/** @typedef {{box: HTMLElement, x: number, y: number, offset: number}} Hover pixel of the picture under the pointer; frames from the one on show */

const HEADER = 22;

export class Panes {
  /** @type {Pane[]} */ #panes = [];
  /** @type {Cell[]} instead of panes, where a view shows parts of frames */ #cells = [];
  /** @type {Hover | null} */ #hover = null;
  /** @type {{view: View, of: Picture[], picture: Picture} | null} what was derived last */ #made = null;
  #built = "";
  #grid = element("div", { class: "panes" });

  /**
   * @param {HTMLElement} stage
   * @param {PlayerModel} model
   * @param {Readout} readout
   * @param {() => void} onHover another pixel is under the pointer
   * @param {AbortSignal} signal
   */
  constructor(stage, model, readout, onHover, signal) {
    this.stage = stage;
    this.model = model;
    this.readout = readout;
    this.onHover = onHover;
    this.signal = signal;
    this.zoom = new ZoomControl(model, () => this.#paneSize());
    stage.append(this.#grid);
  }

  /** Make the boxes that the view wants and lay them out. */
  layOut() {
    const specs = this.model.panes;
    const { width, height } = this.zoom.pictureSize;
    const stage = { width: this.stage.clientWidth, height: this.stage.clientHeight };
    const columns = bestColumns(specs.length, stage, width / height, HEADER);
    const wanted = JSON.stringify([specs, columns, devicePixelRatio]);
    if (wanted === this.#built) return;
    this.#built = wanted;
    this.#hover = null;
    const asCells = specs.some(({ part }) => part);
    this.#grid.classList.toggle("cells", asCells);
    this.#panes = asCells ? [] : specs.map((spec) => this.#pane(spec));
    this.#cells = asCells ? specs.map((spec) => cellOf(spec, this.model, (hover) => this.#point(hover), this.signal)) : [];
    this.#grid.style.gridTemplateColumns = asCells ? "" : `repeat(${columns}, minmax(0, 1fr))`;
    this.#grid.replaceChildren(...(asCells ? rowsOf(this.#cells, this.model, this.signal) : this.#panes.map(({ box }) => /** @type {Node} */ (box.parentElement))));
  }

  /** Device pixels per pixel of the picture. */
  get scale() {
    return this.#cells.length ? 1 : this.zoom.placed.scale;
  }

  /** Whether what is seen can be zoomed and moved. */
  get zooms() {
    return this.#cells.length === 0;
  }

  /** @param {Hover | null} hover */
  #point(hover) {
    this.#hover = hover;
    this.onHover();
  }

  /**
   * @param {Shown} shown
   * @returns {DrawnPane[]}
   */
  drawn(shown) {
    const { view, values } = this.model;
    const { placed, pictureSize: size } = this.zoom;
    const panes = [];
    const stage = this.stage.getBoundingClientRect();
    for (const cell of this.#cells) {
      cell.rect ??= pixelRect(cell.box.getBoundingClientRect(), stage);
      const { top, height } = cell.rect;
      const isSeen = top + height > 0 && top < stage.height * devicePixelRatio;
      const drawn = isSeen ? drawnCell(cell, shown, this.model) : null;
      if (drawn) panes.push(drawn);
    }
    for (const pane of this.#panes) {
      const inputs = this.#inputs(pane, shown);
      if (inputs) panes.push({ rect: this.#rectOf(pane), placed, size, inputs, view, values });
    }
    return panes;
  }

  /** The boxes may lie elsewhere now. */
  moved() {
    for (const pane of [...this.#panes, ...this.#cells]) pane.rect = null;
  }

  /**
   * Values under the pointer, and the words for who cannot see the pictures.
   * @param {Shown | null} shown
   */
  describe(shown) {
    const frame = shown?.frame ?? -1;
    this.readout.look(this.#hover, shown, !this.model.clock.playing);
    const readings = new Map(this.readout.readings.map((reading) => [reading.name, readingText(reading)]));
    for (const cell of this.#cells) cell.describe(frame, this.#hover?.box === cell.box ? readings : null);
    const { view } = this.model;
    const figure = this.#made?.view === view ? (view.figure?.(this.#made.picture) ?? "") : "";
    for (const { spec, box, note, value, cross } of this.#panes) {
      note.textContent = [figure, spec.note].filter(Boolean).join(" · ");
      this.#placeCross(box, cross);
      box.setAttribute("aria-label", interpolate(gettext("%(name)s, frame %(frame)s"), { name: spec.title, frame }));
      const names = [...new Set(spec.inputs.map(({ stream }) => stream))];
      value.textContent = names.flatMap((name) => readings.get(name) ?? []).join(" | ");
    }
  }

  /**
   * @param {Pane} pane
   * @param {Shown} shown
   * @returns {DrawnPane["inputs"] | null} null while a picture is not there
   */
  #inputs({ spec }, shown) {
    /** @type {DrawnPane["inputs"][number][]} */
    const inputs = [];
    for (const { stream, offset = 0, covers } of spec.inputs) {
      const picture = shown.get(stream, offset);
      if (!picture) return null;
      inputs.push({ key: `${stream} ${offset}`, picture, covers });
    }
    if (this.model.view.derive) inputs.splice(-1, 1, { key: "derived", picture: this.#derived(spec, inputs.map(({ picture }) => picture)) });
    return inputs;
  }

  /**
   * What a view derives is made once per frame.
   * @param {PaneSpec} spec
   * @param {Picture[]} pictures
   */
  #derived(spec, pictures) {
    const { view } = this.model;
    const held = this.#made;
    if (held && held.view === view && held.of.every((picture, at) => picture === pictures[at])) return held.picture;
    const picture = /** @type {NonNullable<View["derive"]>} */ (view.derive)(pictures, spec.inputs);
    this.#made = { view, of: pictures, picture };
    return picture;
  }

  /** @param {Pane} pane */
  #rectOf(pane) {
    pane.rect ??= pixelRect(pane.box.getBoundingClientRect(), this.stage.getBoundingClientRect());
    return pane.rect;
  }

  /** Device pixels. */
  #paneSize() {
    const box = this.#panes[0]?.box;
    const { clientWidth = 1, clientHeight = 1 } = box ?? {};
    return { width: Math.max(1, clientWidth * devicePixelRatio), height: Math.max(1, clientHeight * devicePixelRatio) };
  }

  /**
   * @param {PaneSpec} spec
   * @returns {Pane}
   */
  #pane(spec) {
    const value = element("span", { class: "value" });
    const note = element("span", { class: "note" }, spec.note);
    const head = element("figcaption", { class: "pane-h" }, element("b", {}, spec.title), note, value);
    const cross = element("i", { class: "cross", hidden: true });
    const box = element("div", { class: "pic", role: "img" }, cross);
    element("figure", { class: "pane" }, head, box);
    new PanePointer(box, this.zoom, (pixel) => this.#point(pixel && { box, offset: 0, ...pixel }), this.signal);
    return { spec, box, note, value, cross, rect: null };
  }

  /**
   * The place under the pointer, in the panes that the pointer is not in.
   * @param {HTMLElement} box
   * @param {HTMLElement} cross
   */
  #placeCross(box, cross) {
    cross.hidden = !this.#hover || box === this.#hover.box;
    if (!this.#hover || cross.hidden) return;
    const { scale, left, top } = this.zoom.placed;
    cross.style.left = `${(left + (this.#hover.x + 0.5) * scale) / devicePixelRatio}px`;
    cross.style.top = `${(top + (this.#hover.y + 0.5) * scale) / devicePixelRatio}px`;
  }
}

/**
 * @param {DOMRect} box
 * @param {DOMRect} origin of the canvas
 * @returns device pixels, whole
 */
function pixelRect(box, origin) {
  const left = Math.round((box.left - origin.left) * devicePixelRatio);
  const top = Math.round((box.top - origin.top) * devicePixelRatio);
  const width = Math.round((box.right - origin.left) * devicePixelRatio) - left;
  const height = Math.round((box.bottom - origin.top) * devicePixelRatio) - top;
  return { left, top, width: Math.max(1, width), height: Math.max(1, height) };
}
