/** The "?" sheet: exactly the actions of this page, drawn from the table. */
import { element, icon } from "../lib/build.js";
import { gettext } from "../lib/text.js";
import { keyLabel } from "./keys.js";

/** @typedef {import("./actions.js").ActionTable} ActionTable */
/** @typedef {import("./actions.js").Action} Action */

/**
 * @param {readonly Action[]} actions
 * @returns {Map<string, Action[]>} those with a key, by heading, in the order they were added
 */
export function grouped(actions) {
  /** @type {Map<string, Action[]>} */
  const groups = new Map();
  for (const action of actions) {
    if (!action.keys.length) continue;
    const heading = action.group ?? gettext("This page");
    groups.set(heading, [...(groups.get(heading) ?? []), action]);
  }
  return groups;
}

/**
 * @param {ActionTable} table
 * @param {(on: boolean) => void} onCharacterKeys
 */
export function openSheet(table, onCharacterKeys) {
  const close = element("button", { class: "iconbtn", type: "button", "aria-label": gettext("Close"), "data-closes": true });
  close.append(icon("close"));
  const body = element("div", { class: "dialog-b" }, characterSwitch(table, onCharacterKeys));
  const keys = element("div", { class: "keys" });
  for (const [heading, actions] of grouped(table.list())) keys.append(section(heading, actions));
  body.append(keys);
  const title = element("h2", { id: "keyboard-sheet-title" }, gettext("Keyboard"));
  const head = element("div", { class: "dialog-h" }, title, close);
  const dialog = element("dialog", { class: "wide", "aria-labelledby": "keyboard-sheet-title" }, head, body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {string} heading
 * @param {Action[]} actions
 */
function section(heading, actions) {
  const list = element("ul");
  for (const action of actions) {
    const keys = action.keys.map((key) => element("kbd", {}, keyLabel(key)));
    list.append(element("li", {}, element("span", {}, action.label), ...keys));
  }
  return element("section", {}, element("h3", {}, heading), list);
}

/**
 * @param {ActionTable} table
 * @param {(on: boolean) => void} onChange
 */
function characterSwitch(table, onChange) {
  const box = element("input", { type: "checkbox", class: "switch", checked: table.characterKeys });
  box.addEventListener("change", () => onChange(box.checked));
  return element("label", { class: "check" }, box, gettext("Single letters and digits are shortcuts (never while typing)"));
}
