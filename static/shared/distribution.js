// How the answers to a question are distributed over its options.

/**
 * How many chose each option, in their order; a multi-select answer counts for each option in it.
 * @param {{kind: string, options: string[]}} question
 * @param {Record<string, number>} distribution by answer, as the server counts them.
 * @returns {Map<string, number>}
 */
export function chosenCounts(question, distribution) {
  const found = new Map(question.options.map((option) => [option, 0]));
  for (const [answer, count] of Object.entries(distribution)) {
    const chosen = /** @type {string[]} */ (question.kind === "multi" ? JSON.parse(answer) : [answer]);
    for (const option of chosen) found.set(option, (found.get(option) ?? 0) + count);
  }
  return found;
}
