/**
 * <mw-film class="film" sprite="URL" frames="84"><img src="POSTER" alt="name"></mw-film>
 * Eight pictures in a row make the sprite; the pointer's x picks one. In a .card the scrub line
 * takes the place of the facts line, so nothing moves. Keys "," and "." step on a focused card.
 */
import { element } from "../lib/build.js";

const STEPS = 8;

/**
 * @param {number} x within the picture, 0 to width
 * @param {number} width
 * @returns {number} 0 to 7
 */
export function stepAt(x, width) {
  return Math.max(0, Math.min(STEPS - 1, Math.floor((x / width) * STEPS)));
}

/**
 * @param {number} step 0 to 7
 * @param {number} frames of the clip
 * @returns {number} the frame that the sprite shows there; the server spreads them evenly
 */
export function frameAt(step, frames) {
  return Math.round((step * (frames - 1)) / (STEPS - 1));
}

const Base = globalThis.HTMLElement ?? class {};

class Film extends Base {
  #step = -1;
  /** @type {HTMLElement | null} */ #sheet = null;
  /** @type {HTMLElement | null} */ #scrub = null;
  /** @type {AbortController | null} */ #listening = null;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // The card's link lies over the film, so the card is what hears the pointer.
    const card = /** @type {HTMLElement} */ (this.closest(".card") ?? this);
    card.addEventListener("pointermove", (event) => this.#onPointer(event), { signal });
    card.addEventListener("pointerleave", () => this.#rest(), { signal });
    card.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    card.addEventListener("focusout", () => this.#rest(), { signal });
  }

  disconnectedCallback() {
    this.#listening?.abort();
    this.#rest();
  }

  /** @param {PointerEvent} event */
  #onPointer(event) {
    const { left, top, width, height } = this.getBoundingClientRect();
    const y = event.clientY - top;
    if (event.pointerType === "touch") return;
    if (y < 0 || y > height) this.#rest();
    else this.#show(stepAt(event.clientX - left, width));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "," && event.key !== ".") return;
    event.preventDefault();
    this.#show(Math.max(0, Math.min(STEPS - 1, this.#step + (event.key === "." ? 1 : -1))));
  }

  /** @param {number} step */
  #show(step) {
    const sprite = this.getAttribute("sprite");
    if (!sprite || step === this.#step) return;
    this.#step = step;
    if (!this.#sheet) {
      this.#sheet = element("div", { class: "sheet", "aria-hidden": "true" });
      this.#sheet.style.backgroundImage = `url(${JSON.stringify(sprite)})`;
      this.append(this.#sheet);
    }
    this.#sheet.style.backgroundPositionX = `${(step / (STEPS - 1)) * 100}%`;
    this.#showScrub(step);
  }

  /** @param {number} step */
  #showScrub(step) {
    const card = this.closest(".card");
    const meta = card?.querySelector(".meta");
    const frames = Number(this.getAttribute("frames"));
    if (!card || !meta || !frames) return;
    this.#scrub ??= element("div", { class: "scrub", "aria-hidden": "true" }, element("span", { class: "track" }), element("span"));
    this.#scrub.style.setProperty("--at", `${((step + 0.5) / STEPS) * 100}%`);
    const number = this.#scrub.lastElementChild;
    if (number) number.textContent = `${frameAt(step, frames)} / ${frames - 1}`;
    if (!this.#scrub.isConnected) meta.after(this.#scrub);
    card.classList.add("scrubbing");
  }

  #rest() {
    this.#step = -1;
    this.#sheet?.remove();
    this.#sheet = null;
    this.#scrub?.remove();
    this.closest(".card")?.classList.remove("scrubbing");
  }
}

globalThis.customElements?.define("mw-film", Film);
