/**
 * Picks a colour from a frame of a clip, with the pointer or with the keyboard: a button
 * `[data-picks=id]` beside a field, the addresses of what there is to pick from in `data-footage`.
 */
import { request } from "../lib/api.js";
import { element } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { colourAround, inside, stepped } from "./picked_colour.js";

/** @typedef {import("./picked_colour.js").Place} Place */
/** @typedef {{label: string, player: string}} Clip */
/** @typedef {{frames: number, streams: {exact_url: string}[]}} Source */

const HEX = /^#[0-9a-f]{6}$/i;

/** @param {Document} page */
export function startColourPickers(page) {
  for (const button of page.querySelectorAll("[data-picks]")) {
    const field = page.getElementById(button.getAttribute("data-picks") ?? "");
    if (!(button instanceof HTMLButtonElement) || !(field instanceof HTMLInputElement)) continue;
    const swatch = button.parentElement?.querySelector(".swatch");
    const show = () => {
      if (swatch instanceof HTMLElement) swatch.style.background = HEX.test(field.value) ? field.value : "";
    };
    field.addEventListener("input", show);
    show();
    button.addEventListener("click", () => new ColourPicker(button, (colour) => {
      field.value = colour;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }).open());
  }
}

class ColourPicker {
  /** @type {ImageData | null} */ #picture = null;
  /** @type {Place} */ #place = { x: 0, y: 0 };
  /** @type {Source | null} */ #source = null;
  #closing = new AbortController();
  /** Which frame was asked for last; what comes for an earlier one is late. */ #asked = 0;
  /** @type {Promise<void>} */ #decoding = Promise.resolve();

  /**
   * @param {HTMLButtonElement} opener
   * @param {(colour: string) => void} take
   */
  constructor(opener, take) {
    this.opener = opener;
    this.take = take;
    this.clips = element("select", { class: "in", id: "picker-clip" });
    this.frame = element("input", { type: "range", id: "picker-frame", min: 0, max: 0, value: 0 });
    this.canvas = element("canvas", { class: "picker-canvas", width: 1, height: 1, tabindex: 0, role: "img", "aria-label": gettext("Frame of the clip: arrow keys move the cross, Shift by ten pixels, Enter takes the colour"), "aria-describedby": "picker-said" });
    this.cross = element("span", { class: "picker-cross", "aria-hidden": "true" });
    this.swatch = element("span", { class: "swatch l" });
    this.said = element("output", { id: "picker-said", class: "t12 t2" }, gettext("Loading the clips"));
    this.use = element("button", { class: "btn primary", type: "button", disabled: true }, gettext("Take this colour"));
    this.dialog = this.#built();
  }

  open() {
    document.body.append(this.dialog);
    this.#listen();
    this.dialog.showModal();
    void this.#attempt(() => this.#list());
  }

  #built() {
    const well = element("div", { class: "well picker-well" }, element("div", { class: "picker-stage" }, this.canvas, this.cross));
    return element("dialog", { class: "wide", "aria-labelledby": "picker-h" },
      element("div", { class: "dialog-h" }, element("h2", { id: "picker-h" }, gettext("Pick a colour from a clip"))),
      element("div", { class: "dialog-b" },
        element("div", { class: "two-col" },
          element("div", { class: "field" }, element("label", { for: this.clips.id }, gettext("Clip")), this.clips),
          element("div", { class: "field" }, element("label", { for: this.frame.id }, gettext("Frame")), this.frame)),
        well,
        element("div", { class: "row" }, this.swatch, this.said)),
      element("div", { class: "dialog-f" }, element("button", { class: "btn", type: "button", "data-closes": true }, gettext("Cancel")), this.use));
  }

  #listen() {
    const { signal } = this.#closing;
    this.dialog.addEventListener("close", () => {
      this.#closing.abort();
      this.dialog.remove();
      this.opener.focus();
    }, { signal });
    this.clips.addEventListener("change", () => void this.#attempt(() => this.#openClip()), { signal });
    this.frame.addEventListener("input", () => void this.#attempt(() => this.#load()), { signal });
    this.canvas.addEventListener("pointermove", (event) => this.#look(this.#under(event)), { signal });
    this.canvas.addEventListener("click", (event) => {
      this.#look(this.#under(event));
      this.#taken();
    }, { signal });
    this.canvas.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.use.addEventListener("click", () => this.#taken(), { signal });
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const next = stepped(this.#place, event, this.canvas);
    if (!next && event.key !== "Enter") return;
    // Else the same Enter presses the button that has the focus again.
    event.preventDefault();
    if (next) this.#look(next);
    else this.#taken();
  }

  async #list() {
    const words = document.querySelector("input[name=clips]");
    const query = new URLSearchParams({ q: words instanceof HTMLInputElement ? words.value.trim() : "" });
    const answer = await request(`${this.opener.dataset.footage}?${query}`, { signal: this.#closing.signal });
    const clips = /** @type {Clip[]} */ (answer.footage).filter(({ player }) => player.includes("/videos/"));
    this.clips.replaceChildren(...clips.map(({ label, player }) => element("option", { value: player }, label)));
    if (!clips.length) {
      this.said.value = gettext("There is no clip of that name to pick from.");
      return;
    }
    await this.#openClip();
    this.canvas.focus();
  }

  async #openClip() {
    const chosen = this.clips.value;
    const source = /** @type {Source} */ (await request(chosen, { signal: this.#closing.signal }));
    if (chosen !== this.clips.value) return;
    this.#source = source;
    this.frame.max = String(Math.max(0, source.frames - 1));
    this.frame.value = "0";
    this.#picture = null;
    await this.#load();
  }

  async #load() {
    const asked = ++this.#asked;
    // The server decodes each frame that it is asked for: one at a time, then the newest.
    await this.#decoding;
    const address = this.#source?.streams[0]?.exact_url;
    if (!address || asked !== this.#asked) return;
    const image = new Image();
    image.src = address.replace("{frame}", this.frame.value);
    const decoded = image.decode();
    this.#decoding = decoded.catch(() => undefined);
    await decoded;
    if (asked !== this.#asked || this.#closing.signal.aborted) return;
    const first = this.#picture === null;
    const { naturalWidth: width, naturalHeight: height } = image;
    Object.assign(this.canvas, { width, height });
    const drawn = this.canvas.getContext("2d", { willReadFrequently: true });
    if (!drawn) return;
    drawn.drawImage(image, 0, 0);
    this.#picture = drawn.getImageData(0, 0, width, height);
    // A screen mostly reaches the upper corners.
    this.#look(first ? { x: Math.round(width * 0.08), y: Math.round(height * 0.08) } : this.#place);
  }

  /** @param {PointerEvent | MouseEvent} event */
  #under(event) {
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.canvas;
    return { x: ((event.clientX - box.left) / box.width) * width, y: ((event.clientY - box.top) / box.height) * height };
  }

  /** @param {Place} place */
  #look(place) {
    if (!this.#picture) return;
    const { width, height } = this.canvas;
    this.#place = inside(place, { width, height });
    const { x, y } = this.#place;
    this.cross.style.left = `${((x + 0.5) / width) * 100}%`;
    this.cross.style.top = `${((y + 0.5) / height) * 100}%`;
    const colour = colourAround(this.#picture, this.#place);
    this.swatch.style.background = colour;
    this.said.value = interpolate(gettext("%(colour)s at %(x)s, %(y)s of frame %(frame)s"), { colour, x, y, frame: this.frame.value });
    this.use.value = colour;
    this.use.disabled = false;
  }

  #taken() {
    if (!this.#picture) return;
    this.take(this.use.value);
    this.dialog.close();
  }

  /** @param {() => Promise<void>} work */
  async #attempt(work) {
    try {
      await work();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.said.value = error instanceof Error ? error.message : String(error);
    }
  }
}
