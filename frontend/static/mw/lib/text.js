/**
 * Translations for modules. Django's JavaScript catalogue, a classic script in the page's head,
 * defines the globals; in Node and on pages without it the English text passes through.
 */

/** @typedef {{gettext?: (text: string) => string, ngettext?: (one: string, many: string, n: number) => string}} Catalogue */

const catalogue = /** @type {Catalogue} */ (globalThis);

/** @param {string} text */
export function gettext(text) {
  return catalogue.gettext ? catalogue.gettext(text) : text;
}

/**
 * @param {string} one
 * @param {string} many
 * @param {number} n
 */
export function ngettext(one, many, n) {
  if (catalogue.ngettext) return catalogue.ngettext(one, many, n);
  return n === 1 ? one : many;
}

/**
 * Put values where the text says `%(name)s`.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function interpolate(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * A whole number with thousands separated, as the page's language writes it.
 * @param {number} value
 */
export function count(value) {
  const language = globalThis.document?.documentElement.lang || "en";
  return new Intl.NumberFormat(language).format(value);
}
