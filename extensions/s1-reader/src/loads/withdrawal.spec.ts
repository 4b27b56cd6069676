import type { Device, InstanceState, SmxContext } from '@smx-edge/extension-api';
import { Recognition } from './recognition.js';

const KETTLE = { id: 'a3', name: 'Kettle', phases: ['l1'], power: 2000, reactive: 0, harmonics: [0, 0, 0], lasting: 1, longest: 60_000, energy: 40, runs: 1, whole: 1, lastSeen: 1 }; // prettier-ignore
const LOADS = { version: 2, last: 4, appliances: [KETTLE, { ...KETTLE, id: 'a4', name: null }] };

/** Points of the box, which keeps them over restarts, and the state of the instance. */
function boxOf(given: boolean): { smx: SmxContext; device: Device; points: Set<string>; kept: Map<string, unknown> } {
  const points = new Set(['on', 'power', 'energy', 'confidence', 'name'].map((end) => `appliance/a3/${end}`));
  const kept = new Map<string, unknown>([
    ['loads-consent', { version: 1, given, at: 1 }],
    ['loads', LOADS],
  ]);
  const state = {
    get: (key: string) => Promise.resolve(kept.get(key)),
    set: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  } as unknown as InstanceState;
  const device = {
    point: (path: string) => ({ set: () => points.add(path), remove: () => points.delete(path) }),
  } as unknown as Device;
  const smx = { state, now: () => 2, every: () => undefined, onStop: () => undefined } as unknown as SmxContext;
  return { smx, device, points, kept };
}

it('takes the points of earlier runs too, though no frame came since', async () => {
  const { smx, device, points, kept } = boxOf(true);
  const recognition = new Recognition(smx, device, await Recognition.recall(smx.state));
  expect(points.size).toBe(5);
  await recognition.decide(false);
  expect(points.size).toBe(0);
  expect(kept.get('loads')).toBeNull();
});

it('takes them at the next start where a death came before', async () => {
  const { smx, device, points } = boxOf(false);
  new Recognition(smx, device, await Recognition.recall(smx.state));
  expect(points.size).toBe(0);
});
