// Which look of several shows everything.

/**
 * Put on the first of the looks in which everything fits, or the last one. Whether it does fit.
 * @template Look
 * @param {Look[]} looks
 * @param {(look: Look) => void} apply
 * @param {() => boolean} fits
 */
export function settle(looks, apply, fits) {
  return looks.some((look) => {
    apply(look);
    return fits();
  });
}
