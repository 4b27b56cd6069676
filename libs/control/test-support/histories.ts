import fc from 'fast-check';
import type { Facts } from './history-facts.js';
import { conclude } from './history-rules.js';
import { histories } from './history-steps.js';
import { World } from './world.js';

function begin(): { model: Facts; real: World } {
  const real = new World();
  real.party('ctl');
  real.party('esco', { priority: 20, between: [-1000, 2000] });
  real.party('owner', { authority: 'owner', priority: 50, between: [-5000, 5000] });
  real.party('dso', { authority: 'dso', priority: 50, between: [-5000, 5000] });
  return { model: { sent: new Map(), next: 0, calm: -Infinity, network: [] }, real };
}

/**
 * Runs generated histories of an arbiter against rules that are written down apart from it; throws with the shrunk one where
 * a rule is broken. In them parties send, repeat and cancel, a network loses and reorders, a store is slow or refuses, a
 * device has bad habits and forgets in the middle of a lease, core and device die and restart at any moment, clocks step. No
 * rule looks into the arbiter; all look at what parties were told, what the store has and what reached the device.
 */
export function runHistories(runs: number, seed?: number): void {
  fc.assert(
    fc.property(histories, (history) => {
      const setup = begin();
      fc.modelRun(() => setup, history);
      conclude(setup.model, setup.real);
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  );
}
