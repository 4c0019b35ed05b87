/**
 * The page's action table and its wiring. Pages add actions:
 *   keyboard.add([{id: "review.accept", label: gettext("Accept"), keys: ["a"], run}], {signal});
 * Any button with data-action="review.accept" then runs it, is disabled while it cannot be done,
 * and shows the key in the <kbd> that it contains.
 */
import { ActionTable } from "./actions.js";
import { actionOf } from "./button.js";
import { keyLabel, nameOf } from "./keys.js";
import { openSheet } from "./sheet.js";
import { gettext } from "../lib/text.js";

export const keyboard = new ActionTable();

const STORED = "mw.character-keys";
const TEXT_INPUTS = /^(?:text|search|number|email|password|url|tel|date|time|datetime-local|month|week)$/;

/**
 * Whether the element takes this key itself, so that no shortcut may.
 * @param {EventTarget | null} target
 * @param {string} key
 */
export function belongsToElement(target, key) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  if (target instanceof HTMLInputElement && TEXT_INPUTS.test(target.type)) return true;
  if (key === "Space" || key === "Enter") return target.matches("button, a, summary, input, [role=menuitemradio]");
  if (/^(?:Arrow|Home|End|Page)/.test(key)) return target.matches("input[type=range], input[type=radio]");
  return false;
}

/** @param {Document} document */
export function startKeyboard(document) {
  keyboard.characterKeys = localStorage.getItem(STORED) !== "off";
  keyboard.add([
    { id: "keyboard.sheet", label: gettext("Show these keys"), keys: ["?"], group: gettext("Everywhere"), run: showSheet },
  ]);
  document.addEventListener("keydown", (event) => {
    const key = nameOf(event);
    if (!key || event.defaultPrevented || belongsToElement(event.target, key)) return;
    if (document.querySelector("dialog:modal")) return;
    if (keyboard.press(key, event.repeat)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-keyboard-sheet]")) showSheet();
    const button = event.target.closest("[data-action]");
    if (button) keyboard.perform(actionFor(button));
  });
  keyboard.addEventListener("changed", () => refreshButtons(document));
  document.addEventListener("htmx:afterSettle", () => refreshButtons(document));
  refreshButtons(document);
}

function showSheet() {
  openSheet(keyboard, (on) => {
    keyboard.characterKeys = on;
    localStorage.setItem(STORED, on ? "on" : "off");
  });
}

/** @param {Element} button */
function actionFor(button) {
  return actionOf(button) ?? keyboard.get(button.getAttribute("data-action") ?? "");
}

/**
 * Bring every button of an action up to date with it.
 * @param {ParentNode} root
 */
export function refreshButtons(root) {
  for (const button of root.querySelectorAll("button[data-action]")) {
    const action = actionFor(button);
    if (!action) continue;
    const possible = !action.when || action.when();
    if (button instanceof HTMLButtonElement && button.disabled === possible) button.disabled = !possible;
    if (action.pressed) button.setAttribute("aria-pressed", String(action.pressed()));
    const [first] = action.keys;
    if (!first) continue;
    button.setAttribute("aria-keyshortcuts", action.keys.join(" "));
    const drawn = button.querySelector("kbd");
    if (drawn && drawn.textContent !== keyLabel(first)) drawn.textContent = keyLabel(first);
  }
}
