import type { EventRecord } from '@smx-edge/model';
import { qualityEventsOf, residualOf } from './events.js';

const event = (id: number, code: string, rest: Partial<EventRecord> = {}): EventRecord => ({
  ...{ id, t: id * 1000, path: 's1', code, severity: 'info', state: 'once', text: '', files: [] },
  ...rest,
});

test('of events the ones of power quality are taken, newest first', () => {
  const data = { duration: 0.2, extreme: 138, depth: 0.4, phases: ['l1', 'l3'], flagged: true };
  const found = qualityEventsOf([event(1, 'dip', { data, files: ['waveform.json.gz'] }), event(2, 'line'), event(3, 'swell')]); // prettier-ignore
  expect(found.map(({ id }) => id)).toEqual([3, 1]);
  expect(found[1]).toMatchObject({
    kind: 'dip',
    depth: 0.4,
    phases: ['l1', 'l3'],
    isDoubtful: true,
    wave: 'waveform.json.gz',
  });
});

test('what an event does not say is no 0', () => {
  const [found] = qualityEventsOf([event(1, 'dip', { data: { duration: null, depth: 'much', phases: 'l1' } })]);
  expect(found).toMatchObject({
    duration: undefined,
    extreme: undefined,
    depth: undefined,
    phases: [],
    isDoubtful: false,
  });
  expect(found!.wave).toBeUndefined();
  expect(residualOf(found!)).toBeUndefined();
});

test('what is left of the voltage', () => {
  expect(residualOf({ kind: 'dip', depth: 0.4 })).toBeCloseTo(60);
  expect(residualOf({ kind: 'swell', depth: 0.15 })).toBeCloseTo(115);
  expect(residualOf({ kind: 'rapid-change', depth: 0.05 })).toBeUndefined();
});
