/**
 * Shares of a whole: percentages that always sum to 100, some of them locked. Pure, no document.
 *
 * @typedef {{category: string, value: number, locked: boolean}} Share
 */

/** No share becomes less: a category of 0 % is one to leave out by the filter. */
export const LEAST = 0.5;

/**
 * Give one share a value; the unlocked others make room in proportion.
 * The value is cut to what the locked ones leave. With nobody to make room nothing changes.
 * @param {readonly Share[]} shares
 * @param {string} category
 * @param {number} wanted percent
 * @returns {Share[]}
 */
export function rebalance(shares, category, wanted) {
  const free = shares.filter((share) => !share.locked && share.category !== category);
  if (!free.length || !Number.isFinite(wanted)) return shares.map((share) => ({ ...share }));
  const locked = sum(shares.filter((share) => share.locked && share.category !== category));
  const most = 100 - locked - LEAST * free.length;
  const value = Math.min(Math.max(wanted, LEAST), Math.max(most, LEAST));
  const given = spread(free, Math.max(100 - locked - value, LEAST * free.length));
  return shares.map((share) => ({
    ...share,
    value: share.category === category ? round(value) : (given.get(share.category) ?? share.value),
  }));
}

/**
 * Every unlocked share the same.
 * @param {readonly Share[]} shares
 * @returns {Share[]}
 */
export function evenOut(shares) {
  const free = shares.filter((share) => !share.locked);
  const left = Math.max(100 - sum(shares.filter((share) => share.locked)), LEAST * free.length);
  return shares.map((share) => (share.locked ? { ...share } : { ...share, value: round(left / free.length) }));
}

/**
 * Every unlocked share in proportion to what it has when no row repeats.
 * @param {readonly Share[]} shares
 * @param {Readonly<Record<string, number>>} natural percent by category
 * @returns {Share[]}
 */
export function naturalShares(shares, natural) {
  const free = shares.filter((share) => !share.locked).map((share) => ({ ...share, value: natural[share.category] ?? 0 }));
  const left = Math.max(100 - sum(shares.filter((share) => share.locked)), LEAST * free.length);
  const given = spread(free, left);
  return shares.map((share) => ({ ...share, value: given.get(share.category) ?? share.value }));
}

/**
 * Divide `whole` in proportion to the values, none below LEAST.
 * @param {readonly Share[]} shares
 * @param {number} whole
 * @returns {Map<string, number>}
 */
function spread(shares, whole) {
  /** @type {Map<string, number>} */
  const given = new Map();
  let open = [...shares];
  let left = whole;
  // Who would fall below the least is given the least; the rest divide what is left, until it holds.
  for (;;) {
    const total = sum(open);
    const part = (/** @type {Share} */ share) => (total > 0 ? (left * share.value) / total : left / open.length);
    const small = open.filter((share) => part(share) < LEAST);
    if (!small.length || small.length === open.length) {
      for (const share of open) given.set(share.category, round(Math.max(part(share), LEAST)));
      return given;
    }
    for (const share of small) given.set(share.category, LEAST);
    left -= LEAST * small.length;
    open = open.filter((share) => !small.includes(share));
  }
}

/** @param {readonly Share[]} shares */
function sum(shares) {
  return shares.reduce((total, share) => total + share.value, 0);
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}
