/**
 * What was said of a sample: the list beside the viewer, the form, marks under the timeline.
 *
 * Anything on the page may ask for a comment on a range: `mw-comment-range`, which bubbles, with
 * `detail: {first, last}`.
 */
import { request } from "../lib/api.js";
import { element } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { RegionLayer, regionOf } from "./region.js";

/** @typedef {import("./region.js").Region} Region */
/** @typedef {import("./region.js").Player & {frame: number, readonly wanted: number, readonly ready: Promise<void>, range: [number, number] | null, strips?: HTMLElement}} Player */
/**
 * @typedef {object} Comment
 * @property {number} id
 * @property {string} text
 * @property {string} author
 * @property {number | null} first_frame
 * @property {number | null} last_frame
 * @property {Region | null} region
 * @property {string} at
 * @property {string | null} resolved_at
 * @property {string | null} resolved_by
 * @property {number} sample
 * @property {string} sample_name
 */

/**
 * Which frames a comment speaks of, as words.
 * @param {Pick<Comment, "first_frame" | "last_frame">} comment
 */
export function rangeWords({ first_frame: first, last_frame: last }) {
  if (first === null) return gettext("all frames");
  if (last === null || first === last) return interpolate(gettext("frame %(first)s"), { first });
  return interpolate(gettext("%(first)s to %(last)s"), { first, last });
}

export class CommentPanel {
  #address = "";
  #sample = 0;
  #frames = 1;
  /** @type {Comment[]} */ #comments = [];
  #marks = element("div", { class: "strip comment-marks" });
  #strip = element("div", { class: "strip-row" }, element("span", { class: "label" }, gettext("Comments")), this.#marks);

  /**
   * @param {HTMLElement} root
   * @param {Player} player
   * @param {{change: string, say: (text: string) => void, fail: (error: unknown) => void}} page `change` is the address of comment 0
   */
  constructor(root, player, page) {
    this.root = root;
    this.player = player;
    this.page = page;
    this.regions = new RegionLayer(player);
    this.form = /** @type {HTMLFormElement} */ (root.querySelector("form"));
    this.list = /** @type {HTMLElement} */ (root.querySelector("ul"));
    this.#wire();
  }

  #wire() {
    document.addEventListener("mw-comment-range", (event) => {
      const { first, last } = /** @type {CustomEvent<{first: number, last: number}>} */ (event).detail;
      this.begin([first, last]);
    });
    this.player.addEventListener("mw-source", () => this.#mark());
    this.player.addEventListener("mw-frame", () => this.#mark());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.regions.drawing) this.close();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.#save();
    });
    this.form.querySelector("[data-close]")?.addEventListener("click", () => this.close());
    this.form.querySelector("[data-draw]")?.addEventListener("click", () => this.#draw());
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name));
  }

  /** Whether somebody is writing. */
  get writing() {
    return !this.form.hidden;
  }

  /**
   * Show what was said of another sample.
   * @param {{id: number, comments: string, frames: number}} item
   */
  async open({ id, comments, frames }) {
    this.#sample = id;
    this.#address = comments;
    this.#frames = frames;
    this.#comments = [];
    this.form.reset();
    this.close();
    this.#list();
    const found = await request(comments).catch(() => null);
    if (found === null || this.#address !== comments) return;
    this.#comments = found;
    this.#list();
  }

  /**
   * Open the form on a range, on the viewer's loop, or on the frame that was asked for.
   * @param {[number, number] | null} [range]
   */
  begin(range) {
    const frame = Math.max(0, this.player.wanted);
    const [first, last] = range ?? this.player.range ?? [frame, frame];
    this.#field("first").value = String(first);
    this.#field("last").value = String(last);
    this.form.hidden = false;
    this.#field("text").focus();
  }

  close() {
    this.regions.stop();
    this.regions.hide();
    if (this.form.contains(document.activeElement)) /** @type {HTMLElement} */ (document.activeElement).blur();
    this.form.hidden = true;
  }

  #draw() {
    this.page.say(gettext("Drag a box over a picture; Esc leaves it out."));
    this.regions.draw((region) => {
      if (region) this.#field("region").value = region.join(", ");
      this.#field("text").focus();
    });
  }

  async #save() {
    const text = this.#field("text").value.trim();
    const typed = this.#field("region").value.trim();
    const region = typed ? regionOf(typed) : null;
    if (!text) return this.page.say(gettext("A comment needs words."));
    if (typed && !region) return this.page.say(gettext("A region is left, top, width and height in pixels."));
    const [first, last] = [this.#field("first").value, this.#field("last").value];
    const json = { text, region, first_frame: first === "" ? null : Number(first), last_frame: last === "" ? null : Number(last) };
    try {
      this.#comments.push(await request(this.#address, { method: "POST", json }));
      this.form.reset();
      this.close();
      this.#list();
      this.page.say(gettext("Comment kept."));
    } catch (error) {
      this.page.fail(error);
    }
  }

  /** @param {Comment} comment */
  async #settle(comment) {
    try {
      const json = { resolved: comment.resolved_at === null };
      const changed = await request(this.page.change.replace(/0$/, String(comment.id)), { method: "PATCH", json });
      this.#comments = this.#comments.map((other) => (other.id === changed.id ? changed : other));
      this.#list();
    } catch (error) {
      this.page.fail(error);
    }
  }

  #list() {
    this.list.replaceChildren(...this.#comments.map((comment) => this.#row(comment)));
    const none = this.root.querySelector("[data-none]");
    if (none instanceof HTMLElement) none.hidden = this.#comments.length > 0;
    this.#mark();
  }

  /** @param {Comment} comment */
  #row(comment) {
    const place = element("button", { type: "button", class: "tag line" }, rangeWords(comment));
    place.addEventListener("click", () => this.#go(comment));
    for (const type of ["mouseenter", "focus"]) place.addEventListener(type, () => this.regions.show(comment.region));
    for (const type of ["mouseleave", "blur"]) place.addEventListener(type, () => this.regions.hide());
    const settled = comment.resolved_at !== null;
    const settle = element("button", { type: "button", class: "btn s quiet" }, settled ? gettext("Open again") : gettext("Resolve"));
    settle.addEventListener("click", () => void this.#settle(comment));
    const facts = [comment.author, comment.at.slice(0, 16).replace("T", " ")];
    if (comment.region) facts.push(gettext("with a region"));
    if (comment.sample !== this.#sample) facts.push(interpolate(gettext("said of %(name)s"), { name: comment.sample_name }));
    if (settled) facts.push(interpolate(gettext("resolved by %(name)s"), { name: comment.resolved_by ?? "?" }));
    const head = element("div", { class: "row" }, place, element("span", { class: "t11 t3 grow" }, facts.join(" · ")), settle);
    return element("li", { class: settled && "settled" }, head, element("p", { class: "t12" }, comment.text));
  }

  /** @param {Comment} comment */
  #go(comment) {
    if (comment.first_frame === null) return;
    const last = comment.last_frame ?? comment.first_frame;
    if (last > comment.first_frame && "range" in this.player) this.player.range = [comment.first_frame, Math.min(last, this.#frames - 1)];
    this.player.frame = Math.min(comment.first_frame, this.#frames - 1);
    this.regions.show(comment.region);
  }

  /** Marks under the timeline; the viewer empties that place for every sample. */
  #mark() {
    const open = this.#comments.filter((comment) => comment.resolved_at === null && comment.first_frame !== null);
    const wanted = open.map((comment) => `${comment.id}`).join(" ");
    if (this.#marks.dataset.drawn !== wanted) {
      this.#marks.dataset.drawn = wanted;
      this.#marks.replaceChildren(...open.map((comment) => this.#markOf(comment)));
    }
    if (!open.length) this.#strip.remove();
    else if (this.player.strips && this.#strip.parentElement !== this.player.strips) this.player.strips.prepend(this.#strip);
  }

  /** @param {Comment} comment */
  #markOf(comment) {
    const first = comment.first_frame ?? 0;
    const frames = (comment.last_frame ?? first) - first + 1;
    const mark = element("button", { type: "button", class: "comment-mark", title: comment.text, "aria-label": `${rangeWords(comment)}: ${comment.text}` });
    mark.style.left = `${(first / this.#frames) * 100}%`;
    mark.style.width = `${(frames / this.#frames) * 100}%`;
    mark.addEventListener("click", () => this.#go(comment));
    return mark;
  }
}
