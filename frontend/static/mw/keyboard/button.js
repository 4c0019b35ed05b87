/** Buttons made from actions, so that the label on a button cannot lie about its key. */
import { element, icon } from "../lib/build.js";
import { keyLabel } from "./keys.js";

/** @typedef {import("./actions.js").Action} Action */

/** @type {WeakMap<Element, Action>} */
const actions = new WeakMap();

/**
 * The action that a button was made from. Two viewers on a page have the same ids, so their
 * buttons know the action itself.
 * @param {Element} button
 */
export function actionOf(button) {
  return actions.get(button);
}

/**
 * A square button with the action's icon; its name and key are in the tooltip.
 * @param {Action} action
 */
export function iconButton(action) {
  const keys = action.keys.map(keyLabel).join(" ");
  const button = element("button", {
    type: "button",
    class: "iconbtn",
    "data-action": action.id,
    "aria-label": action.label,
    title: keys ? `${action.label} (${keys})` : action.label,
  });
  button.append(icon(action.icon ?? "more"));
  actions.set(button, action);
  return button;
}

/**
 * A button with the action's words and its first key.
 * @param {Action} action
 * @param {string} [className]
 */
export function wordButton(action, className = "btn") {
  const button = element("button", { type: "button", class: className, "data-action": action.id }, action.label);
  if (action.keys.length) button.append(element("kbd"));
  actions.set(button, action);
  return button;
}
