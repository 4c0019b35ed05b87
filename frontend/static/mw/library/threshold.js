/**
 * <mw-threshold src="POSTER" polarity="id" threshold="id" soft-share="0.3" cut="127"></mw-threshold>
 * Shows how a mask would be read. The poster holds the file's own values; `polarity` and `threshold`
 * name the form's fields; an empty threshold reads by rule.
 */
import { element } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { applyTable, readingTable, staysSoft } from "./reading.js";

class Threshold extends HTMLElement {
  #canvas = element("canvas", { role: "img", width: 1, height: 1 });
  #slider = element("input", { type: "range", min: 0, max: 254, "aria-label": gettext("Threshold") });
  #words = element("p", { class: "help", role: "status" });
  /** @type {ImageData | null} */ #stored = null;
  /** @type {AbortController | null} */ #listening = null;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.replaceChildren(this.#canvas, this.#slider, this.#words);
    this.#slider.addEventListener("input", () => this.#slide(), { signal });
    this.#field("polarity")?.addEventListener("change", () => this.#show(), { signal });
    this.#field("threshold")?.addEventListener("input", () => this.#show(), { signal });
    void this.#load(signal);
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /** @param {string} name */
  #field(name) {
    const field = document.getElementById(this.getAttribute(name) ?? "");
    return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field : null;
  }

  /** @param {AbortSignal} signal */
  async #load(signal) {
    const image = new Image();
    image.src = this.getAttribute("src") ?? "";
    try {
      await image.decode();
    } catch {
      this.#words.textContent = gettext("The preview cannot be shown; the mask can be read again all the same.");
      return;
    }
    if (signal.aborted) return;
    this.#canvas.width = image.naturalWidth;
    this.#canvas.height = image.naturalHeight;
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    context?.drawImage(image, 0, 0);
    this.#stored = context?.getImageData(0, 0, this.#canvas.width, this.#canvas.height) ?? null;
    this.#show();
  }

  #slide() {
    const field = this.#field("threshold");
    if (field) field.value = this.#slider.value;
    this.#show();
  }

  #show() {
    const context = this.#canvas.getContext("2d");
    if (!this.#stored || !context) return;
    const typed = this.#field("threshold")?.value ?? "";
    const cut = Number(this.getAttribute("cut") ?? 127);
    const threshold = typed === "" ? null : Math.max(0, Math.min(254, Math.round(Number(typed))));
    const soft = staysSoft(Number(this.getAttribute("soft-share")), cut);
    const polarity = this.#field("polarity")?.value === "black" ? "black" : "white";
    this.#slider.value = String(threshold ?? cut);
    const copy = new ImageData(new Uint8ClampedArray(this.#stored.data), this.#stored.width, this.#stored.height);
    const share = applyTable(copy.data, readingTable({ polarity, threshold, soft, cut }));
    context.putImageData(copy, 0, 0);
    const how = threshold !== null ? gettext("cut above %(at)s") : soft ? gettext("by rule: kept soft") : gettext("by rule: cut above %(at)s");
    const words = interpolate(gettext("The middle frame, %(how)s: the object covers %(share)s %."), {
      how: interpolate(how, { at: threshold ?? cut }),
      share: (share * 100).toFixed(1),
    });
    this.#words.textContent = words;
    this.#canvas.setAttribute("aria-label", words);
  }
}

customElements.define("mw-threshold", Threshold);
