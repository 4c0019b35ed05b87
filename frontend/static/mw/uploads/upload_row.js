/** One line of the list of uploads. Built once and then changed, so that focus stays where it is. */
import { element, icon } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { Rate } from "./rate.js";
import { paceWords, shareWords, sizeWords, stateWords } from "./upload_words.js";

/** @typedef {import("./upload_queue.js").Item} Item */
/** @typedef {{pause: () => void, resume: () => void, discard: () => void}} Doing */

export class UploadRow {
  #name = element("b", { class: "clip" });
  #size = element("span", { class: "t3 clip" });
  #mark = element("span", { class: "mark" });
  #bar = element("progress", { class: "prog", max: 1 });
  #share = element("span", { class: "num" });
  #words = element("span", { class: "words" });
  #buttons;
  #rate = new Rate();
  #state = "";

  /**
   * @param {Item} item
   * @param {Doing} doing
   */
  constructor(item, doing) {
    this.#buttons = {
      pause: button("pause", gettext("Pause %(name)s"), item.name, doing.pause),
      resume: button("play", gettext("Resume %(name)s"), item.name, doing.resume),
      discard: button("close", gettext("Discard %(name)s"), item.name, doing.discard),
    };
    const { pause, resume, discard } = this.#buttons;
    const doings = element("span", { class: "row gap-1" }, pause, resume, discard);
    this.root = element("li", { class: "upload" }, this.#mark, this.#name, this.#size, this.#bar, this.#share, this.#words, doings);
    this.#bar.setAttribute("aria-label", item.name);
    this.show(item, 0);
  }

  /**
   * @param {Item} item
   * @param {number} now milliseconds of a clock that never goes back
   */
  show(item, now) {
    if (item.state === "sending") this.#rate.note(now, item.sent);
    else this.#rate.reset();
    const { icon: name, tone } = stateWords(item);
    if (this.#state !== item.state) {
      this.#state = item.state;
      this.#mark.className = `mark ${tone}`;
      this.#mark.replaceChildren(icon(name));
      this.root.dataset.state = item.state;
    }
    this.#name.textContent = this.#name.title = item.name;
    this.#size.textContent = sizeWords(item);
    this.#showProgress(item);
    this.#showWords(item, tone);
    this.#showButtons(item);
  }

  /** @param {Item} item */
  #showProgress(item) {
    const failed = item.state === "failed";
    this.#bar.value = item.size ? item.sent / item.size : 0;
    this.#bar.className = failed ? "prog bad" : item.state === "sending" ? "prog" : "prog done";
    this.#share.textContent = shareWords(item);
    this.#bar.hidden = this.#share.hidden = failed || item.state === "done";
    this.root.classList.toggle("sentence", failed || item.state === "done");
  }

  /**
   * @param {Item} item
   * @param {string} tone
   */
  #showWords(item, tone) {
    const pace = { perSecond: this.#rate.perSecond(), secondsLeft: this.#rate.secondsLeft(item.size - item.sent) };
    const words = paceWords(item, pace);
    this.#words.className = `words ${item.state === "sending" ? "t3" : tone}`;
    if (this.#words.firstChild?.textContent === words && !item.hint) return;
    this.#words.replaceChildren(words);
    if (item.hint) this.#words.append(" ", element("span", { class: "t2" }, item.hint));
  }

  /** @param {Item} item */
  #showButtons(item) {
    const { pause, resume, discard } = this.#buttons;
    const shown = /** @type {const} */ ([
      [pause, ["waiting", "reading", "sending", "retrying"].includes(item.state)],
      [resume, item.state === "paused" || item.state === "failed"],
      [discard, item.state !== "checking"],
    ]);
    const focused = shown.find(([one]) => one === one.ownerDocument.activeElement);
    for (const [one, visible] of shown) one.hidden = !visible;
    // The button that was pressed is gone: its opposite stands in its place.
    if (focused?.[0].hidden) shown.find(([one]) => !one.hidden)?.[0].focus();
  }
}

/**
 * @param {string} name of the icon
 * @param {string} label
 * @param {string} of
 * @param {() => void} run
 */
function button(name, label, of, run) {
  const words = interpolate(label, { name: of });
  const made = element("button", { class: "iconbtn s", type: "button", "aria-label": words, title: words });
  made.append(icon(name));
  made.addEventListener("click", run);
  return made;
}
