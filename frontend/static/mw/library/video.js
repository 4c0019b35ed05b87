/** The Video page: words against their limit, and the mask list after an upload. */
import { gettext } from "../lib/text.js";

/** @param {string} text */
function words(text) {
  return text.split(/\s+/).filter(Boolean).length;
}

for (const note of document.querySelectorAll("[data-words]")) {
  if (!(note instanceof HTMLElement)) continue;
  const field = document.getElementById(note.dataset.words ?? "");
  const limit = Number(note.dataset.limit);
  if (!(field instanceof HTMLTextAreaElement)) continue;
  const show = () => {
    const count = words(field.value);
    note.textContent = `${count} / ${limit} ${gettext("words")}`;
    note.classList.toggle("warn", count > limit);
  };
  field.addEventListener("input", show);
  show();
}
document.addEventListener("mw-uploaded", () => document.body.dispatchEvent(new CustomEvent("mw-incoming")));
