import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { ApiPart } from './parts/api-part.js';

const LEFT_OUT = 'the inverter leaves it out now';

/** Answers leave out what a device does not have at the moment: what was there before is then told to be absent. */
export class Absences {
  /** Units of what each question gave so far, by device and path. */
  private readonly given = new Map<string, Map<string, string | null>>();

  /** The parts of an answer, with what it leaves out of devices that it tells of. `key`: of the question. */
  complete(key: string, parts: readonly ApiPart[]): ApiPart[] {
    return parts.map((part) => {
      const place = `${key} ${part.kind} ${part.number}`;
      const known = this.given.get(place) ?? new Map<string, string | null>();
      this.given.set(place, known);
      const paths = new Set(part.points.map(({ path }) => path));
      const absent = [...known].filter(([path]) => !paths.has(path)).map(([path, unit]) => none(path, unit));
      for (const { path, unit } of part.points) known.set(path, unit);
      return absent.length === 0 ? part : { ...part, points: [...part.points, ...absent] };
    });
  }
}

const none = (path: string, unit: string | null): SunSpecPoint => ({
  ...{ path, unit, value: null, quality: 'bad', reason: LEFT_OUT },
});
