/** The column beside the picture: tools, objects, what comes next. */
import { element, icon } from "../lib/build.js";
import { gettext, interpolate } from "../lib/text.js";
import { showToast } from "../toast/toast.js";
import { colourOf } from "./overlay.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./session.js").MaskObject} MaskObject */
/** @typedef {{current: number, unseen: Set<number>, choose: (number: number) => void, toggle: (number: number) => void}} Choice */

export class Side {
  root = element("aside", { class: "annotate-side" });
  #objects = element("ul", { class: "annotate-objects" });

  /**
   * @param {Session} session
   * @param {Choice} choice
   * @param {(work: () => Promise<unknown>) => void} attempt says what went wrong
   * @param {HTMLElement} brush size and softness
   */
  constructor(session, choice, attempt, brush) {
    this.session = session;
    this.choice = choice;
    this.attempt = attempt;
    const add = element("button", { class: "btn s", type: "button" }, icon("plus"), gettext("Object"));
    add.addEventListener("click", () => attempt(async () => {
      await session.addObject();
      choice.choose(Math.max(...session.facts.objects.map(({ number }) => number)));
    }));
    this.root.append(
      section(gettext("Tool"), tools(), brush),
      section(gettext("Objects"), this.#objects, add),
      section(gettext("Look"), seg(["look.overlay", gettext("Overlay")], ["look.contour", gettext("Contour")], ["look.alone", gettext("Alone")]), row(action("annotate.onion", gettext("Neighbours")))),
      section(gettext("This frame"), row(action("annotate.undo", gettext("Undo"), "undo"), action("annotate.redo", gettext("Redo"))), row(action("annotate.fill", gettext("Fill holes")), action("annotate.copy", gettext("Copy previous"), "copy"))),
      section(gettext("The clip"), row(action("annotate.carry", gettext("Carry on"), "fwd", "primary"), action("annotate.stop", gettext("Stop"), "stop")), row(action("annotate.worst", gettext("Least sure frame"), "search")), row(action("annotate.save", gettext("Save as masks"), "check"))),
    );
    session.addEventListener("changed", () => this.refresh());
  }

  refresh() {
    this.#objects.replaceChildren(...this.session.facts.objects.map((object) => this.#line(object)));
  }

  /** Removing can be taken back: nothing that was drawn is lost. @param {MaskObject} object */
  async #remove({ number, name }) {
    const { session, attempt } = this;
    await session.editObject(number, { remove: true });
    const run = () => attempt(() => session.editObject(number, { restore: true }));
    showToast({ text: interpolate(gettext("%(name)s was removed."), { name }), action: { label: gettext("Undo"), run } });
  }

  /** @param {MaskObject} object */
  #line(object) {
    const { number, name, colour, locked } = object;
    const { choice, session, attempt } = this;
    const swatch = element("button", { class: "swatch", type: "button", "aria-label": gettext("Next colour"), title: gettext("Next colour") });
    swatch.style.backgroundColor = `rgb(${colourOf(colour).join(" ")})`;
    swatch.addEventListener("click", () => attempt(() => session.editObject(number, { colour: colour + 1 })));
    const field = element("input", { class: "in", value: name, "aria-label": interpolate(gettext("Name of object %(number)s"), { number }) });
    field.addEventListener("change", () => attempt(() => session.editObject(number, { name: field.value })));
    field.addEventListener("focus", () => choice.choose(number));
    const hidden = choice.unseen.has(number);
    const eye = toggle("eye", !hidden, hidden ? gettext("Show") : gettext("Hide"), () => choice.toggle(number));
    const lock = toggle("lock", locked, locked ? gettext("Unlock") : gettext("Lock"), () => attempt(() => session.editObject(number, { locked: !locked })));
    const remove = toggle("trash", null, gettext("Remove"), () => attempt(() => this.#remove(object)));
    const line = element("li", { "aria-current": number === choice.current ? "true" : null }, swatch, field, eye, lock, remove);
    line.addEventListener("click", (event) => {
      if (event.target === line) choice.choose(number);
    });
    return line;
  }
}

/** @param {string} title @param {...Node} content */
function section(title, ...content) {
  return element("section", { class: "sec" }, element("h2", { class: "sec-h" }, title), ...content);
}

/** @param {...Node} content */
function row(...content) {
  return element("div", { class: "row wrap" }, ...content);
}

/**
 * @param {string} id @param {string} label @param {string} [image] @param {string} [kind]
 */
function action(id, label, image, kind = "") {
  const key = element("kbd");
  return element("button", { class: `btn s ${kind}`.trim(), type: "button", "data-action": id }, ...(image ? [icon(image)] : []), label, key);
}

/** @param {...[string, string]} options */
function seg(...options) {
  return element("div", { class: "seg s fill", role: "group" }, ...options.map(([id, label]) => element("button", { type: "button", "data-action": `annotate.${id}` }, label)));
}

function tools() {
  const names = /** @type {const} */ ([
    ["click", gettext("Click")], ["scribble", gettext("Scribble")], ["box", gettext("Box")],
    ["outline", gettext("Outline")], ["brush", gettext("Brush")], ["erase", gettext("Eraser")],
  ]);
  return element("div", { class: "annotate-tools", role: "group", "aria-label": gettext("Tool") }, ...names.map(([id, label]) => element("button", { class: "btn s", type: "button", "data-action": `annotate.tool.${id}` }, label, element("kbd"))));
}

/** @param {string} image @param {boolean | null} pressed @param {string} label @param {() => void} run */
function toggle(image, pressed, label, run) {
  const made = element("button", { class: "iconbtn s", type: "button", "aria-label": label, title: label, "aria-pressed": pressed === null ? null : String(pressed) }, icon(image));
  made.addEventListener("click", run);
  return made;
}
