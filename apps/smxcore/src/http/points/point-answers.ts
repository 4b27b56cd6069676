import { durationText, qualityName, type Reading } from '@smx-edge/model';
import type { CommandGrant, GrantedPoint, View } from '@smx-edge/access';
import type { PointAnswer, SampleAnswer, WriteAnswer } from '../answers.js';

function writeOf({ between, lease, authority }: CommandGrant): WriteAnswer {
  const [min, max] = between ?? [-Infinity, Infinity];
  return {
    ...(Number.isFinite(min) ? { min } : {}),
    ...(Number.isFinite(max) ? { max } : {}),
    lease: durationText(lease),
    authority,
  };
}

/** `t` 0 = never had a value. */
function answer(
  { definition, every, as, nextAt }: GrantedPoint,
  reading: Reading,
  grant: CommandGrant | undefined,
): PointAnswer {
  return {
    path: definition.path,
    unit: definition.unit,
    kind: definition.kind,
    type: definition.type,
    obis: definition.obis ?? null,
    value: reading.value,
    t: reading.t,
    quality: qualityName(reading.quality),
    ...(reading.reason === undefined ? {} : { reason: reading.reason }),
    ...(every === 0 ? {} : { every: durationText(every), as }),
    ...(nextAt === undefined ? {} : { next: nextAt }),
    ...(grant === undefined ? {} : { write: writeOf(grant) }),
  };
}

export function sampleOf(path: string, reading: Reading): SampleAnswer {
  const { value, t, quality, reason } = reading;
  return { path, v: value, t, q: qualityName(quality), ...(reason === undefined ? {} : { reason }) };
}

/** Points of a view as the API gives them, in order of path. */
export function listPoints(view: View, match?: string): PointAnswer[] {
  const found: PointAnswer[] = [];
  for (const point of view.points(match)) {
    const reading = view.reading(point.handle);
    if (reading !== undefined) found.push(answer(point, reading, view.command(point.handle)));
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
