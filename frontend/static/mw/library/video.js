/** The Video page: words against their limit, and the mask list after an upload. */
import { gettext } from "../lib/text.js";
import "./threshold.js";

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
function showNewStreams() {
  const player = document.querySelector("mw-player");
  const [address] = player?.getAttribute("src")?.split("?") ?? [];
  if (player && address) player.setAttribute("src", `${address}?masks=${document.querySelectorAll("#masks .mask").length}`);
}

let moving = document.querySelector("#masks[data-moving]") !== null;
document.addEventListener("htmx:afterSwap", (event) => {
  if (!(event.target instanceof Element) || event.target.id !== "masks") return;
  const now = document.querySelector("#masks[data-moving]") !== null;
  // A mask that is through is a stream more for the player.
  if (moving && !now) showNewStreams();
  moving = now;
});
document.addEventListener("mw-uploaded", () => document.body.dispatchEvent(new CustomEvent("mw-incoming")));
