/**
 * Menus are <details class="menu">, so they open without scripts. Here: closed by Escape and by a
 * click elsewhere, arrows move inside, focus returns to the opener.
 * @param {Document} document
 */
export function startMenus(document) {
  document.addEventListener("click", (event) => {
    const inside = event.target instanceof Element ? event.target.closest("details.menu") : null;
    closeMenus(document, inside);
  });
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element | null} */ (event.target);
    const menu = /** @type {HTMLDetailsElement | null} */ (target?.closest?.("details.menu[open]") ?? null);
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      moveFocus(menu, event.key === "ArrowDown" ? 1 : -1);
    } else {
      return;
    }
    event.preventDefault();
  });
}

/**
 * @param {Document} document
 * @param {Element | null} except
 */
function closeMenus(document, except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) /** @type {HTMLDetailsElement} */ (menu).open = false;
  }
}

/**
 * @param {HTMLDetailsElement} menu
 * @param {1 | -1} step
 */
function moveFocus(menu, step) {
  const items = [.../** @type {NodeListOf<HTMLElement>} */ (menu.querySelectorAll(".menu-list :is(a, button)"))];
  if (!items.length) return;
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  items[(at + step + items.length) % items.length]?.focus();
}
