/** The Synthesize page: sliders that follow typed values, colours from clips, and the key that tries one. */
import { keyboard } from "../keyboard/keyboard.js";
import { tieSliders } from "../lib/sliders.js";
import { gettext } from "../lib/text.js";
import { startColourPickers } from "./colour_picker.js";

function tryOne() {
  const button = document.querySelector('[data-action="synthesize.try"]');
  if (button instanceof HTMLButtonElement) button.click();
}

tieSliders(document);
startColourPickers(document);
keyboard.add([
  {
    id: "synthesize.another",
    label: gettext("Try one"),
    keys: ["t"],
    group: gettext("Synthesize"),
    when: () => document.querySelector('[data-action="synthesize.try"]') !== null,
    run: tryOne,
  },
]);
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest('[data-runs="synthesize.try"]')) tryOne();
});
