/**
 * The panes of the stage: a line with name and value above each picture, and an empty box where
 * the canvas underneath shows it. Pointer and wheel are read here.
 */
import { element } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { pixelAt } from "./picture.js";
import { bestColumns, nextStep, panBy, pixelUnder, place, zoomTo } from "./transform.js";

/** @typedef {import("./model.js").PlayerModel} PlayerModel */
/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./views/view.js").PaneSpec} PaneSpec */
/** @typedef {import("./renderer.js").DrawnPane} DrawnPane */
/** @typedef {{spec: PaneSpec, box: HTMLElement, value: HTMLElement, cross: HTMLElement}} Pane */

const HEADER = 22;
/** How near to the edge of a wipe, in CSS pixels, a drag takes hold of it. */
const GRIP = 10;

export class Panes {
  /** @type {Pane[]} */ #panes = [];
  /** @type {{x: number, y: number} | null} pixel under the pointer */ #hover = null;
  /** @type {HTMLElement | null} box under the pointer */ #hovered = null;
  #built = "";
  #grid = element("div", { class: "panes" });

  /**
   * @param {HTMLElement} stage
   * @param {PlayerModel} model
   * @param {AbortSignal} signal
   */
  constructor(stage, model, signal) {
    this.stage = stage;
    this.model = model;
    this.signal = signal;
    stage.append(this.#grid);
    signal.addEventListener("abort", () => this.#grid.remove(), { once: true });
  }

  get size() {
    const { width, height } = this.model.layers;
    return { width, height };
  }

  /** Make the boxes that the view wants and lay them out. Returns whether boxes moved. */
  layOut() {
    const specs = this.model.panes;
    const { clientWidth: width, clientHeight: height } = this.stage;
    const columns = bestColumns(specs.length, { width, height }, this.size.width / this.size.height, HEADER);
    const wanted = JSON.stringify([specs, columns]);
    if (wanted === this.#built) return;
    this.#built = wanted;
    this.#panes = specs.map((spec) => this.#pane(spec));
    this.#grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    this.#grid.replaceChildren(...this.#panes.map(({ box }) => /** @type {Node} */ (box.parentElement)));
  }

  /**
   * @param {Map<string, Picture>} pictures
   * @param {number} ratio device pixels per CSS pixel
   * @returns {DrawnPane[]}
   */
  drawn(pictures, ratio) {
    const origin = this.stage.getBoundingClientRect();
    const { view, state, zoom } = this.model;
    const panes = [];
    for (const { spec, box } of this.#panes) {
      const a = pictures.get(spec.a);
      const b = spec.b === null ? null : pictures.get(spec.b);
      if (!a || b === undefined) continue;
      const rect = pixelRect(box.getBoundingClientRect(), origin, ratio);
      panes.push({
        rect,
        placed: place(zoom, rect, this.size),
        size: this.size,
        a: { name: spec.a, picture: a },
        b: b && spec.b !== null ? { name: spec.b, picture: b } : null,
        view,
        amount: state.amount,
      });
    }
    return panes;
  }

  /**
   * Values under the pointer and the words for who cannot see the pictures.
   * @param {Map<string, Picture> | null} pictures
   * @param {number} frame that is on screen
   */
  describe(pictures, frame) {
    for (const { spec, box, value, cross } of this.#panes) {
      this.#placeCross(box, cross);
      box.setAttribute("aria-label", interpolate(gettext("%(name)s, frame %(frame)s"), { name: spec.title, frame }));
      const names = spec.b === null ? [spec.a] : [spec.a, spec.b];
      const shown = names.map((name) => this.#valueOf(name, pictures?.get(name)));
      value.textContent = this.#hover ? shown.join(" | ") : "";
    }
  }

  /** Device pixels of a pane; all are of one size. */
  get paneSize() {
    const box = this.#panes[0]?.box;
    const ratio = devicePixelRatio;
    return { width: Math.max(1, (box?.clientWidth ?? 1) * ratio), height: Math.max(1, (box?.clientHeight ?? 1) * ratio) };
  }

  get scale() {
    return place(this.model.zoom, this.paneSize, this.size).scale;
  }

  /**
   * @param {string} name
   * @param {Picture | undefined} picture
   */
  #valueOf(name, picture) {
    if (!this.#hover || !picture) return "";
    const x = Math.floor(((this.#hover.x + 0.5) / this.size.width) * picture.width);
    const y = Math.floor(((this.#hover.y + 0.5) / this.size.height) * picture.height);
    const [red, green, blue] = pixelAt(picture, x, y);
    if (picture.format !== "gray") return `${red} ${green} ${blue}`;
    return name === "alpha" ? `${red} · ${(red / 255).toFixed(3)}` : String(red);
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
    const { signal } = this;
    box.addEventListener("wheel", (event) => this.#onWheel(event, box), { signal, passive: false });
    box.addEventListener("pointermove", (event) => this.#onHover(event, box), { signal });
    box.addEventListener("pointerleave", () => this.#setHover(box, null), { signal });
    box.addEventListener("pointerdown", (event) => this.#onDown(event, box), { signal });
    return { spec, box, value, cross };
  }

  /**
   * The place under the pointer, in the panes that the pointer is not in.
   * @param {HTMLElement} box
   * @param {HTMLElement} cross
   */
  #placeCross(box, cross) {
    cross.hidden = !this.#hover || box === this.#hovered;
    if (!this.#hover || cross.hidden) return;
    const { scale, left, top } = place(this.model.zoom, this.paneSize, this.size);
    cross.style.left = `${(left + (this.#hover.x + 0.5) * scale) / devicePixelRatio}px`;
    cross.style.top = `${(top + (this.#hover.y + 0.5) * scale) / devicePixelRatio}px`;
  }

  /**
   * @param {PointerEvent | WheelEvent} event
   * @param {HTMLElement} box
   */
  #at(event, box) {
    const { left, top } = box.getBoundingClientRect();
    return { x: (event.clientX - left) * devicePixelRatio, y: (event.clientY - top) * devicePixelRatio };
  }

  /**
   * @param {WheelEvent} event
   * @param {HTMLElement} box
   */
  #onWheel(event, box) {
    event.preventDefault();
    const scale = nextStep(this.scale, event.deltaY < 0 ? 1 : -1);
    this.model.setZoom(zoomTo(this.model.zoom, this.paneSize, this.size, scale, this.#at(event, box)));
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} box
   */
  #onHover(event, box) {
    box.classList.toggle("gripping", this.#isOnEdge(event, box));
    this.#setHover(box, pixelUnder(this.model.zoom, this.paneSize, this.size, this.#at(event, box)));
  }

  /**
   * @param {HTMLElement} box
   * @param {{x: number, y: number} | null} pixel
   */
  #setHover(box, pixel) {
    this.#hovered = box;
    this.#hover = pixel;
    this.stage.dispatchEvent(new CustomEvent("mw-hover", { detail: pixel }));
  }

  /**
   * @param {PointerEvent} event
   * @param {HTMLElement} box
   */
  #isOnEdge(event, box) {
    if (!this.model.view.amount) return false;
    const { scale, left } = place(this.model.zoom, this.paneSize, this.size);
    const edge = left + this.model.state.amount * this.size.width * scale;
    return Math.abs(this.#at(event, box).x - edge) < GRIP * devicePixelRatio;
  }

  /**
   * Drag the edge of a wipe, or the picture.
   * @param {PointerEvent} down
   * @param {HTMLElement} box
   */
  #onDown(down, box) {
    if (down.button > 1) return;
    const wiping = this.#isOnEdge(down, box);
    let last = this.#at(down, box);
    const drag = new AbortController();
    const { signal } = drag;
    box.setPointerCapture(down.pointerId);
    box.addEventListener("pointermove", (event) => {
      const now = this.#at(event, box);
      if (wiping) this.#wipeTo(now.x);
      else this.model.setZoom(panBy(this.model.zoom, this.paneSize, this.size, now.x - last.x, now.y - last.y));
      last = now;
    }, { signal });
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, () => drag.abort(), { signal });
  }

  /** @param {number} x device pixels in the pane */
  #wipeTo(x) {
    const { scale, left } = place(this.model.zoom, this.paneSize, this.size);
    this.model.set({ amount: Math.max(0, Math.min(1, (x - left) / (this.size.width * scale))) });
  }
}

/**
 * @param {DOMRect} box
 * @param {DOMRect} origin
 * @param {number} ratio
 */
function pixelRect(box, origin, ratio) {
  const left = Math.round((box.left - origin.left) * ratio);
  const top = Math.round((box.top - origin.top) * ratio);
  const width = Math.round((box.right - origin.left) * ratio) - left;
  const height = Math.round((box.bottom - origin.top) * ratio) - top;
  return { left, top, width: Math.max(1, width), height: Math.max(1, height) };
}
