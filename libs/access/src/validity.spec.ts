import { Zone } from '@smx-edge/model';
import fc from 'fast-check';
import { UNCONDITIONAL } from './role.js';
import { Validity } from './validity.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const zone = new Zone('Europe/Rome');
const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Rome', hour: '2-digit', minute: '2-digit' });
const clock = (t: number): string => format.format(t);

/** What the hours mean, read off a wall clock. */
function naive(t: number, from: string, to: string): boolean {
  const now = clock(t);
  return from < to ? now >= from && now < to : now >= from || now < to;
}

const text = (ms: number): string =>
  `${String(Math.floor(ms / 3_600_000)).padStart(2, '0')}:${String((ms / MINUTE) % 60).padStart(2, '0')}`;

describe('Validity', () => {
  const days = [
    Date.UTC(2026, 2, 28),
    Date.UTC(2026, 2, 29),
    Date.UTC(2026, 9, 24),
    Date.UTC(2026, 9, 25),
    Date.UTC(2026, 5, 1),
  ];
  const quarter = fc.integer({ min: 0, max: 95 }).map((n) => n * 15 * MINUTE);
  const hours = fc.tuple(quarter, quarter).filter(([from, to]) => from !== to);
  const odd = fc.constantFrom([2 * 60, 3 * 60], [150, 210], [60, 150], [180, 120], [1320, 360], [0, 120]);
  const anyHours = fc.oneof(
    hours,
    odd.map(([from, to]) => [from * MINUTE, to * MINUTE] as [number, number]),
  );

  it('holds by the wall clock of the site, also on days of 23 and 25 hours and over midnight', () => {
    fc.assert(
      fc.property(fc.constantFrom(...days), anyHours, (day, [from, to]) => {
        const validity = new Validity({ ...UNCONDITIONAL, hours: { from, to } }, zone);
        const wrong: number[] = [];
        for (let t = day - DAY / 4; t < day + 1.5 * DAY; t += 15 * MINUTE)
          for (const at of [t, t + MINUTE - 1])
            if (validity.holds(at) !== naive(at, text(from), text(to))) wrong.push(at);
        expect(wrong).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('never changes before its next edge, and a stretch is valid throughout', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...days),
        anyHours,
        fc.integer({ min: 0, max: 36 * 60 }),
        (day, [from, to], minute) => {
          const validity = new Validity({ ...UNCONDITIONAL, hours: { from, to } }, zone);
          const t = day + minute * MINUTE;
          const edge = validity.nextEdge(t);
          expect(edge).toBeGreaterThan(t);
          const holds = validity.holds(t);
          for (let at = t; at < edge; at += 15 * MINUTE) if (validity.holds(at) !== holds) expect(at).toBe(edge);
          expect(validity.holds(edge - 1)).toBe(validity.holds(t));
          if (!validity.holds(t)) return;
          const since = validity.since(t);
          expect(validity.holds(since)).toBe(true);
          expect(validity.holds(since - 1)).toBe(false);
          for (let at = since; at < t; at += 15 * MINUTE) expect(validity.holds(at)).toBe(true);
          expect(validity.holdsThrough(since, t)).toBe(true);
          expect(validity.holdsThrough(since - 1, t)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads a time without offset in the zone of the site', () => {
    const until = { t: Date.UTC(2026, 6, 1), local: true };
    const validity = new Validity({ ...UNCONDITIONAL, until }, zone);
    expect(validity.nextEdge(0)).toBe(Date.UTC(2026, 5, 30, 22));
    expect(validity.holds(Date.UTC(2026, 5, 30, 22) - 1)).toBe(true);
    expect(validity.holds(Date.UTC(2026, 5, 30, 22))).toBe(false);
  });
});
