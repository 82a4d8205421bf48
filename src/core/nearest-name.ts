/** "Did you mean …?" for names. */

const LONGEST_NAME = 63;

/** The candidate a person most likely meant, when one is near enough to be worth saying. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  // Identifiers end at 63 bytes; a longer name is not a misspelling, and distances of long texts are slow.
  if (name.length > LONGEST_NAME) return undefined;
  const wanted = folded(name);
  // Of a single letter nothing is left to recognise it by.
  const limit = wanted.length === 1 ? 0 : Math.ceil(wanted.length / 3);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, folded(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `createdAt`, `created-at` and `created_at` are one name to a person. */
function folded(name: string): string {
  return name
    .slice(0, LONGEST_NAME)
    .toLowerCase()
    .replace(/[_\s-]/g, '');
}

/** Insertions, deletions, replacements, and neighbours swapped (optimal string alignment), row by row. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
