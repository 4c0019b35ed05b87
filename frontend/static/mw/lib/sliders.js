/**
 * Sliders beside typed values follow each other: `input[type=range][data-follows=id]`.
 * @param {Document} page
 */
export function tieSliders(page) {
  for (const slider of page.querySelectorAll("input[type=range][data-follows]")) {
    if (!(slider instanceof HTMLInputElement)) continue;
    const typed = page.getElementById(slider.dataset.follows ?? "");
    if (!(typed instanceof HTMLInputElement)) continue;
    slider.addEventListener("input", () => { typed.value = slider.value; });
    typed.addEventListener("input", () => { slider.value = typed.value; });
  }
}
