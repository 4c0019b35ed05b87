/**
 * Light, dark or as the system. The choice is a cookie, so the server writes data-theme into the
 * page and nothing flashes, although no inline script may run.
 */

/** @typedef {"system" | "light" | "dark"} Theme */

const YEAR = 31_536_000;

/**
 * @param {string} cookies as document.cookie gives them
 * @returns {Theme}
 */
export function themeOf(cookies) {
  const found = /(?:^|;\s*)theme=(light|dark)(?:;|$)/.exec(cookies);
  return /** @type {Theme} */ (found?.[1] ?? "system");
}

/**
 * @param {Theme} theme
 * @returns {string} what to assign to document.cookie
 */
export function themeCookie(theme) {
  const age = theme === "system" ? 0 : YEAR;
  return `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
}

/** @param {Document} document */
export function startTheme(document) {
  const choices = document.querySelectorAll("[data-theme-choice]");
  const show = (/** @type {Theme} */ theme) => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const choice of choices) {
      choice.setAttribute("aria-checked", String(choice.getAttribute("data-theme-choice") === theme));
    }
  };
  for (const choice of choices) {
    choice.addEventListener("click", () => {
      const theme = /** @type {Theme} */ (choice.getAttribute("data-theme-choice"));
      document.cookie = themeCookie(theme);
      show(theme);
    });
  }
  show(themeOf(document.cookie));
}
