/** Filters that apply as soon as one is chosen. */
for (const select of document.querySelectorAll("[data-submits]")) {
  select.addEventListener("change", () => /** @type {HTMLSelectElement} */ (select).form?.submit());
}
