/** The Synthesize page: sliders that follow typed values, and the key that tries one. */
import { keyboard } from "../keyboard/keyboard.js";
import { gettext } from "../lib/text.js";

/** @param {Document} page */
function tieSliders(page) {
  for (const slider of page.querySelectorAll("input[type=range][data-follows]")) {
    if (!(slider instanceof HTMLInputElement)) continue;
    const typed = page.getElementById(slider.dataset.follows ?? "");
    if (!(typed instanceof HTMLInputElement)) continue;
    slider.addEventListener("input", () => { typed.value = slider.value; });
    typed.addEventListener("input", () => { slider.value = typed.value; });
  }
}

function tryOne() {
  const button = document.querySelector('[data-action="synthesize.try"]');
  if (button instanceof HTMLButtonElement) button.click();
}

tieSliders(document);
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
