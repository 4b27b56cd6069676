import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';

const SIGNED = /^power\/active(\/l[123])?$/;

/** With what flows in and out apart, of the signed powers for which the device does not tell it itself; neither is ever negative. */
export function withTwoWays(points: readonly SunSpecPoint[]): readonly SunSpecPoint[] {
  const known = new Set(points.map(({ path }) => path));
  const added: SunSpecPoint[] = [];
  for (const point of points) {
    const match = SIGNED.exec(point.path);
    if (match === null) continue;
    const [, phase = ''] = match;
    for (const [name, sign] of [
      ['import', 1],
      ['export', -1],
    ] as const) {
      // prettier-ignore
      const path = `power/active/${name}${phase}`;
      const value = point.value === null ? null : Math.max(0, sign * Number(point.value));
      if (!known.has(path)) added.push({ ...point, path, value });
    }
  }
  return added.length === 0 ? points : [...points, ...added];
}
