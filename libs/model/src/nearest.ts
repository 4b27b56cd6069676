/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** The one of `known` that was probably meant by `given`, or undefined where none is near (a third of its letters). */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  let found: string | undefined;
  let least = Math.floor(Math.max(3, Math.min(given.length, 60)) / 3) + 1;
  for (const name of known) {
    if (Math.abs(name.length - given.length) >= least) continue;
    const edits = distance(given.slice(0, 60).toLowerCase(), name.toLowerCase());
    if (edits < least) [found, least] = [name, edits];
  }
  return found;
}
