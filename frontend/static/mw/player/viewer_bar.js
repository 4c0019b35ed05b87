/** The line above the pictures: view, the streams it compares, zoom, surround. */
import { element } from "../lib/build.js";
import { gettext } from "../lib/text.js";
import { iconButton, wordButton } from "../keyboard/button.js";
import { footageField } from "./footage_field.js";
import { Minimap } from "./minimap.js";

/** @typedef {import("../keyboard/actions.js").Action} Action */
/** @typedef {import("./model.js").PlayerModel} PlayerModel */
/** @typedef {import("./zoom_control.js").ZoomControl} ZoomControl */
/** @typedef {import("./views/view.js").Setting} Setting */

const SURROUNDS = /** @type {const} */ (["black", "dark", "mid", "light"]);
const STORED = "mw.surround";

export class ViewerBar {
  #views = element("div", { class: "seg s", role: "group", "aria-label": gettext("View") });
  #choices = element("div", { class: "row" });
  #zoom = element("output", { class: "t12 t3 zoom-now" });
  #built = "";
  #minimap;

  /**
   * @param {readonly Action[]} actions
   * @param {PlayerModel} model
   * @param {HTMLElement & {zoom: ZoomControl | null}} player carries data-surround
   * @param {import("./footage.js").Footage} footage
   * @param {AbortSignal} signal
   */
  constructor(actions, model, player, footage, signal) {
    this.model = model;
    this.footage = footage;
    this.#minimap = new Minimap(() => player.zoom, signal);
    this.signal = signal;
    this.actions = actions;
    const zoom = ["player.zoom_out", "player.zoom_fit", "player.zoom_in"].flatMap((id) => actions.filter((action) => action.id === id));
    const buttons = zoom.map((action) => iconButton(action));
    for (const button of buttons) button.classList.add("s");
    const tools = element("div", { class: "viewer-tools" }, this.#minimap.root, this.#zoom, element("div", { class: "row gap-1" }, ...buttons), surrounds(player, signal));
    this.root = element("div", { class: "viewer-bar" }, this.#views, this.#choices, tools);
  }

  /** @param {number} scale device pixels per picture pixel */
  refresh(scale) {
    const percent = Math.round(scale * 100);
    this.#zoom.textContent = `${percent}\u2009%`;
    this.#minimap.refresh();
    this.#offer();
    const { view, state, values, picked } = this.model;
    const behind = view.behind?.(state) ?? false;
    const built = JSON.stringify([view.id, state.only !== null, this.model.places.length, behind]);
    if (built !== this.#built) {
      this.#built = built;
      this.#choices.replaceChildren(...this.#choicesOf());
    }
    const shown = Object.fromEntries([...Object.entries(values), ...Object.entries(picked), ["only", state.only ?? ""], ["behind", state.behind?.label ?? ""]]);
    for (const field of this.#fields()) {
      const value = String(shown[field.name]);
      if (field.value !== value && document.activeElement !== field) field.value = value;
    }
  }

  /** A button for each view; one may be offered later than the others. */
  #offer() {
    const { views } = this.model;
    if (views.length === this.#views.childElementCount) return;
    const wanted = views.flatMap((view) => this.actions.filter(({ id }) => id === `player.view.${view.id}`));
    this.#views.replaceChildren(...wanted.map((action) => wordButton(action, "view")));
  }

  #fields() {
    return /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */ (this.#choices.querySelectorAll("[name]"));
  }

  #choicesOf() {
    const { view, state } = this.model;
    /** @type {HTMLElement[]} */
    const choices = (view.picks?.fields ?? []).map((field) => this.#streamField(field));
    if (!view.picks && state.only !== null) choices.push(this.#onlyField());
    const places = this.model.places.map(({ label }, at) => /** @type {[string, string]} */ ([String(at), label]));
    if (places.length) choices.push(this.#selectField("0", view.label, places, (number) => this.model.goTo(Number(number))));
    choices.push(...view.settings.map((setting, at) => (setting.options ? this.#optionsField(setting, at) : this.#sliderField(setting, at))));
    return view.behind?.(state) ? [...choices, footageField(this.footage, this.signal)] : choices;
  }

  /** @param {"a" | "b"} field */
  #streamField(field) {
    const { view, model } = { view: this.model.view, model: this.model };
    const kind = view.picks?.kinds[field];
    const streams = model.layers.streams.filter((stream) => !kind || stream.kind === kind);
    const label = (view.picks?.fields.length ?? 0) > 1 ? field.toUpperCase() : gettext("Layer");
    return this.#selectField(field, label, streams.map(({ name, label: words }) => [name, words]), (name) => model.pick(field, name));
  }

  #onlyField() {
    const options = this.model.layers.streams.map(({ name, label }) => /** @type {[string, string]} */ ([name, label]));
    return this.#selectField("only", gettext("Layer"), options, (name) => this.model.set({ only: name }));
  }

  /**
   * @param {Setting} setting
   * @param {number} at
   */
  #optionsField({ label, options = [] }, at) {
    const choices = options.map((words, value) => /** @type {[string, string]} */ ([String(value), words]));
    return this.#selectField(String(at), label, choices, (value) => this.model.setValue(at, Number(value)));
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {[value: string, words: string][]} options
   * @param {(value: string) => void} onChange
   */
  #selectField(name, label, options, onChange) {
    const select = element("select", { class: "in s", name }, ...options.map(([value, words]) => element("option", { value }, words)));
    select.addEventListener("change", () => onChange(select.value), { signal: this.signal });
    return element("label", { class: "field inline" }, label, select);
  }

  /**
   * @param {Setting} setting
   * @param {number} at
   */
  #sliderField({ label, value, least = 0, most = 100, step = 1, unit = "" }, at) {
    const range = { min: least, max: most, step, value, name: at, "aria-label": label };
    const slider = element("input", { type: "range", class: "setting", ...range });
    const typed = element("input", { type: "number", ...range, step: "any" });
    const box = element("span", { class: "in s" }, typed, ...(unit ? [element("span", { class: "unit" }, unit)] : []));
    for (const field of [slider, typed]) {
      field.addEventListener("input", () => {
        if (field.validity.valid && field.value) this.model.setValue(at, Number(field.value));
      }, { signal: this.signal });
    }
    return element("div", { class: "field inline" }, label, slider, box);
  }
}

/**
 * Black, dark, mid or light around the pictures; remembered per person.
 * @param {HTMLElement} player
 * @param {AbortSignal} signal
 */
function surrounds(player, signal) {
  const names = { black: gettext("Black"), dark: gettext("Dark"), mid: gettext("Mid grey"), light: gettext("Light") };
  const group = element("div", { class: "surround", role: "group", "aria-label": gettext("Surround") });
  const show = (/** @type {string} */ chosen) => {
    player.dataset.surround = chosen;
    for (const button of group.children) button.setAttribute("aria-pressed", String(button.getAttribute("value") === chosen));
  };
  for (const name of SURROUNDS) {
    const button = element("button", { type: "button", value: name, "aria-label": names[name], title: names[name] });
    button.addEventListener("click", () => (localStorage.setItem(STORED, name), show(name)), { signal });
    group.append(button);
  }
  show(localStorage.getItem(STORED) ?? "dark");
  return group;
}
