import type { DeviceRecord } from '@smx-edge/model';
import type { Point } from '../api/answers.js';

const KIND = 'power-quality-meter';
/** What it declares once something comes; before, only the box's own list knows it. */
const SIGN = '/pq/lost';

/** Devices that measure power quality, by what they are or by what is read of them. */
export function qualityMetersOf(points: readonly Pick<Point, 'path'>[], devices: readonly DeviceRecord[]): string[] {
  const known = devices.filter(({ kind }) => kind === KIND).map(({ name }) => name);
  const read = points.filter(({ path }) => path.endsWith(SIGN)).map(({ path }) => path.slice(0, -SIGN.length));
  return [...new Set([...known, ...read])];
}
