/**
 * One sentence at the bottom of the page. It goes after six seconds, stays under the pointer and
 * with focus inside, and an error stays until it is closed.
 */
import { element, icon } from "../lib/build.js";
import { gettext } from "../lib/text.js";

/**
 * @typedef {object} Toast
 * @property {string} text
 * @property {"" | "ok" | "warn" | "bad"} [tone]
 * @property {{label: string, run: () => void}} [action] for example Undo
 */

const LINGER_MS = 6000;
const ICONS = { ok: "check", warn: "warn", bad: "warn", "": "" };

/** @param {Toast} toast */
export function showToast({ text, tone = "", action }) {
  const region = document.getElementById("toasts");
  if (!region) return;
  const shown = element("div", { class: `toast ${tone}`, role: tone === "bad" ? "alert" : "status" });
  if (ICONS[tone]) shown.append(icon(ICONS[tone]));
  shown.append(element("span", {}, text));
  if (action) {
    const button = element("button", { class: "btn s", type: "button" }, action.label);
    button.addEventListener("click", () => {
      shown.remove();
      action.run();
    });
    shown.append(button);
  }
  const close = element("button", { class: "iconbtn s", type: "button", "aria-label": gettext("Close"), "data-toast-close": true });
  close.append(icon("close"));
  shown.append(close);
  region.replaceChildren(shown);
  leaveLater(shown);
}

/** @param {Element} toast */
function leaveLater(toast) {
  if (toast.getAttribute("role") === "alert") return;
  setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) leaveLater(toast);
    else toast.remove();
  }, LINGER_MS);
}

/**
 * Toasts that the server wrote, the close button, and the event "mw-toast" whose detail is a Toast;
 * htmx fires it for the header HX-Trigger: {"mw-toast": {"text": "..."}}.
 * @param {Document} document
 */
export function startToasts(document) {
  for (const toast of document.querySelectorAll("#toasts > .toast")) leaveLater(toast);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-toast-close]")) event.target.closest(".toast")?.remove();
  });
  document.addEventListener("mw-toast", (event) => {
    showToast(/** @type {CustomEvent<Toast>} */ (event).detail);
  });
  document.addEventListener("htmx:sendError", () => {
    showToast({ text: gettext("The server did not answer. Nothing was changed."), tone: "bad" });
  });
}
