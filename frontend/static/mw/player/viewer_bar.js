/** The line above the pictures: view, the streams it compares, zoom, surround. */
import { element } from "../lib/build.js";
import { gettext } from "../lib/text.js";
import { iconButton, wordButton } from "../keyboard/button.js";

/** @typedef {import("../keyboard/actions.js").Action} Action */
/** @typedef {import("./model.js").PlayerModel} PlayerModel */

const SURROUNDS = /** @type {const} */ (["black", "dark", "mid", "light"]);
const STORED = "mw.surround";

export class ViewerBar {
  #views = element("div", { class: "seg s", role: "group", "aria-label": gettext("View") });
  #choices = element("div", { class: "row" });
  #zoom = element("output", { class: "t12 t3 zoom-now" });
  #built = "";

  /**
   * @param {readonly Action[]} actions
   * @param {PlayerModel} model
   * @param {HTMLElement} player carries data-surround
   * @param {AbortSignal} signal
   */
  constructor(actions, model, player, signal) {
    this.model = model;
    this.signal = signal;
    for (const view of model.views) {
      const action = actions.find(({ id }) => id === `player.view.${view.id}`);
      if (action) this.#views.append(wordButton(action, "view"));
    }
    const zoom = ["player.zoom_out", "player.zoom_fit", "player.zoom_in"].flatMap((id) => actions.filter((action) => action.id === id));
    const buttons = zoom.map((action) => iconButton(action));
    for (const button of buttons) button.classList.add("s");
    this.root = element("div", { class: "viewer-bar" }, this.#views, this.#choices, element("span", { class: "grow" }));
    this.root.append(this.#zoom, element("div", { class: "row gap-1" }, ...buttons), surrounds(player, signal));
  }

  /** @param {number} scale device pixels per picture pixel */
  refresh(scale) {
    const percent = Math.round(scale * 100);
    this.#zoom.textContent = `${percent}\u2009%`;
    const { view, state } = this.model;
    const built = JSON.stringify([view.id, state.only !== null]);
    if (built !== this.#built) {
      this.#built = built;
      this.#choices.replaceChildren(...this.#choicesOf());
    }
    const values = { a: state.a, b: state.b, only: state.only ?? "", amount: String(Math.round(state.amount * 100)) };
    for (const field of this.#fields()) {
      const value = values[/** @type {keyof typeof values} */ (field.name)];
      if (field.value !== value && document.activeElement !== field) field.value = value;
    }
  }

  #fields() {
    return /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */ (this.#choices.querySelectorAll("[name]"));
  }

  #choicesOf() {
    const { view, state } = this.model;
    const choices = [];
    if (view.pair) choices.push(this.#streamField("a", "A"), this.#streamField("b", "B"));
    else if (state.only !== null) choices.push(this.#streamField("only", gettext("Layer")));
    if (view.amount) choices.push(this.#amountField(view.amount.label));
    return choices;
  }

  /**
   * @param {"a" | "b" | "only"} name
   * @param {string} label
   */
  #streamField(name, label) {
    const options = this.model.layers.streams.map((stream) => element("option", { value: stream.name }, stream.label));
    const select = element("select", { class: "in s", name }, ...options);
    select.value = this.model.state[name] ?? "";
    select.addEventListener("change", () => this.model.set({ [name]: select.value, flipped: false }), { signal: this.signal });
    return element("label", { class: "field inline" }, label, select);
  }

  /** @param {string} label */
  #amountField(label) {
    const value = String(Math.round(this.model.state.amount * 100));
    const slider = element("input", { type: "range", min: 0, max: 100, value, name: "amount", class: "wipe-at", "aria-label": label });
    const typed = element("input", { type: "number", min: 0, max: 100, value, name: "amount", "aria-label": label });
    const box = element("span", { class: "in s" }, typed, element("span", { class: "unit" }, "%"));
    for (const field of [slider, typed]) {
      field.addEventListener("input", () => {
        if (field.validity.valid && field.value) this.model.set({ amount: Number(field.value) / 100 });
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
