import { grantOn, LOOKS, POINTS, readable, visibleRows } from './world.js';

/** Counts cells and collects those that are wrong, so that one look shows them all. */
export class Matrix {
  cells = 0;
  /** Cells in which the party may see something. */
  granted = 0;
  readonly wrong: string[] = [];

  cell(what: string, given: unknown, allowed: readonly unknown[]): void {
    this.cells++;
    if (allowed.length > 1 || allowed[0] !== undefined) this.granted++;
    if (!allowed.some((one) => JSON.stringify(one) === JSON.stringify(given)))
      this.wrong.push(`${what}: ${JSON.stringify(given)} instead of ${JSON.stringify(allowed)}`);
  }
}

/** Everything a party ever got. */
export interface Lifelong {
  /** Of its role. */
  readonly name: string;
  readonly received: string;
  readonly ever: ReadonlyMap<string, ReadonlySet<string>>;
  readonly topics: ReadonlySet<string>;
}

/** Over the whole run: nothing of a point that was never granted, and of a granted one only its granted form. */
export function lookBack(matrix: Matrix, party: Lifelong, { base, last }: { base: string; last: number }): void {
  for (const point of POINTS) {
    const { path } = point;
    const allowed = new Set<string>();
    for (let k = 0; k <= last; k++) {
      const grant = grantOn(party.name, point, 'read', k);
      // at an edge of time the newest sample is that of the second before
      for (const newest of grant === undefined ? [] : [k - 1, k])
        for (const value of readable(grant!, point, k, newest)) allowed.add(JSON.stringify(value));
    }
    const leaked = [...(party.ever.get(path) ?? [])].filter((value) => !allowed.has(value));
    matrix.cell(`${party.name}, ${path}, all that ever came`, leaked, [[]]);
    const hasRows = LOOKS.some((k) => visibleRows(party.name, path, k) !== undefined);
    const never =
      !hasRows &&
      (['read', 'history', 'events', 'command'] as const).every((action) =>
        Array.from({ length: last + 1 }, (_, k) => grantOn(party.name, point, action, k)).every((one) => !one),
      );
    matrix.cell(`${party.name}, ${path}, named anywhere`, never && party.received.includes(`"${path}"`), [false]);
  }
  const foreign = [...party.topics].filter((topic) => !topic.startsWith(base));
  matrix.cell(`${party.name}, topics of others`, foreign, [[]]);
}
