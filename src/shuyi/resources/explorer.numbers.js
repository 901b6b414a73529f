"use strict";
// Numbers as text, as shuyi.publish.numbers prints them in the tables.
const Numbers = (() => {
  const MINUS = "\u2212";
  const MISSING = "\u2014";
  const SMALLEST_DECIMALS = 12;

  // Digits of a non-negative number with fixed decimals: exact, ties to even (toFixed rounds ties up).
  function fixed(value, decimals) {
    const exact = value.toFixed(100);
    const cut = exact.indexOf(".") + 1 + decimals;
    const kept = exact.slice(0, decimals ? cut : cut - 1);
    const isTie = /^50*$/.test(exact.slice(cut));
    return isTie && "02468".includes(kept.slice(-1)) ? kept : value.toFixed(decimals);
  }

  function grouped(digits) {
    const [whole, after] = digits.split(".");
    const separated = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return after === undefined ? separated : `${separated}.${after}`;
  }

  function number(value, decimals) {
    if (value === null || value === undefined || Number.isNaN(value)) return MISSING;
    const sign = value < 0 ? MINUS : "";
    if (!Number.isFinite(value)) return `${sign}\u221e`;
    const digits = fixed(Math.abs(value), decimals);
    if (Number(digits)) return sign + grouped(digits);
    if (Math.abs(value) < 10 ** -SMALLEST_DECIMALS) return digits;
    const smallest = (10 ** -decimals).toFixed(decimals);
    return value < 0 ? `>${MINUS}${smallest}` : `<${smallest}`;
  }

  function interval(low, high, decimals) {
    const bounds = [number(low, decimals), number(high, decimals)];
    return bounds.includes(MISSING) ? MISSING : `[${bounds[0]}, ${bounds[1]}]`;
  }

  function pValue(p) {
    if (p === null || p === undefined || Number.isNaN(p)) return MISSING;
    return p < 0.001 ? "<0.001" : fixed(p, 3);
  }

  // Decimals of effects of a small rise: as many digits as those of a rise by one have.
  function effectDecimals(rise, decimals) {
    return decimals + Math.max(0, Math.ceil(-Math.log10(rise)));
  }

  // Rank of each value, the largest first; equal values share the mean of their places, missing ones have none.
  function ranks(values) {
    const known = values.filter((v) => v !== null);
    return values.map((v) => {
      if (v === null) return null;
      const above = known.filter((other) => other > v).length;
      const equal = known.filter((other) => other === v).length;
      return above + (equal + 1) / 2;
    });
  }

  function rank(value) {
    return value === null ? MISSING : number(value, Number.isInteger(value) ? 0 : 1);
  }

  return { number, interval, pValue, effectDecimals, ranks, rank, MISSING };
})();
