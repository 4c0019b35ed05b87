/**
 * Names of keys. A shortcut is written "k", "Shift+L", "ArrowLeft", "Space", "," or "?"; letters
 * are lower case without Shift. Symbols carry no "Shift+", since layouts differ in where they are.
 */

/** @typedef {{key: string, code?: string, shiftKey?: boolean, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean}} Stroke */

const NAMES = /** @type {Record<string, string>} */ ({
  Space: "space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Enter: "↵",
  Escape: "Esc",
});

/**
 * @param {Stroke} stroke
 * @returns {string} "" for a bare modifier and for strokes with Ctrl, Alt or Meta, which belong to the browser
 */
export function nameOf(stroke) {
  if (stroke.ctrlKey || stroke.altKey || stroke.metaKey) return "";
  const key = latin(stroke);
  if (["Shift", "Control", "Alt", "Meta", "Dead", "CapsLock", "Process"].includes(key)) return "";
  if (/^[a-z]$/i.test(key)) return stroke.shiftKey ? `Shift+${key.toUpperCase()}` : key.toLowerCase();
  if (key === " ") return stroke.shiftKey ? "Shift+Space" : "Space";
  if (key.length === 1) return key;
  return stroke.shiftKey ? `Shift+${key}` : key;
}

/**
 * The Latin letter of the key's place where the layout gives another script.
 * @param {Stroke} stroke
 */
function latin({ key, code }) {
  if (key.length !== 1 || /^[\x20-\x7e]$/.test(key)) return key;
  const place = /^(?:Key|Digit)(.)$/.exec(code ?? "");
  return place?.[1]?.toLowerCase() ?? key;
}

/**
 * How a shortcut is drawn on a button and in the sheet.
 * @param {string} name
 */
export function keyLabel(name) {
  const parts = name.split(/\+(?=.)/);
  return parts.map((part) => (part === "Shift" ? "⇧" : (NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)))).join("");
}

/** @param {string} name */
export function isSingleCharacter(name) {
  return name.length === 1 || /^Shift\+.$/.test(name);
}
