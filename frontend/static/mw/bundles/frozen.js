/** A frozen bundle: lines to copy, and the mount root written into them as it is typed. */
import { gettext } from "../lib/text.js";
import { showToast } from "../toast/toast.js";
import { pullWithRoot, trainerLine } from "./lines.js";

const root = document.querySelector("#root");
if (root instanceof HTMLInputElement) {
  const shown = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-rooted]"))].map((line) => ({
    line,
    plain: line.textContent ?? "",
  }));
  root.addEventListener("input", () => {
    for (const { line, plain } of shown) {
      line.textContent = line.dataset.rooted === "pull" ? pullWithRoot(plain, root.value) : trainerLine(plain, root.value);
    }
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copies]") : null;
  if (!button) return;
  const line = document.getElementById(button.getAttribute("data-copies") ?? "");
  try {
    await navigator.clipboard.writeText(line?.textContent ?? "");
    showToast({ text: gettext("Copied.") });
  } catch {
    // No clipboard without HTTPS, except on this machine: the line is marked for the person's own copy.
    if (line) window.getSelection()?.selectAllChildren(line);
    showToast({ text: gettext("The line is selected; copy it with Ctrl+C.") });
  }
});
