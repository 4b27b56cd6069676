import { Gate, UNCONDITIONAL, type Grant, type Role } from '@smx-edge/access';
import { LiveTable } from '@smx-edge/datastore';
import { SampleBatch, silentLog, systemClock, Zone, type HistorySource } from '@smx-edge/model';
import { medianOf, type Bench } from './row.js';

const POINTS = 2000;
const GRANTS = 200;
const PRINCIPALS = 10;
const BATCH = 300;
const zone = new Zone('Europe/Rome');

const noHistory: HistorySource = {
  async *history() {
    // nothing here asks for history
  },
};

function makeLive(points: number): { live: LiveTable; handles: number[] } {
  const live = new LiveTable({ clock: systemClock });
  const handles = Array.from({ length: points }, (_, i) => {
    const device = `dev${i % 40}`;
    const path = `${device}/power/p${Math.floor(i / 40)}/active`;
    const more = { device, instance: 'bench', unit: 'W', maxAge: 10_000 };
    return live.declare({ path, type: 'number', kind: 'measurement', ...more });
  });
  return { live, handles };
}

function makeGate(live: LiveTable): Gate {
  const ledger = { append: () => undefined };
  return new Gate({ live, clock: systemClock, zone, history: noHistory, ledger, log: silentLog });
}

const roleOf = (grants: readonly Grant[]): Role => ({ name: 'bench', authority: 'controller', grants });
const reading = (filters: string[], every = 0): Grant => ({ ...UNCONDITIONAL, every, actions: { read: filters } });

/** 200 grants: exact paths, whole devices, phases of all devices, some under windows. */
function manyGrants(seed: number): Grant[] {
  return Array.from({ length: GRANTS }, (_, i) => {
    const device = `dev${(i * 7 + seed) % 40}`;
    const filter = [
      `${device}/power/p${i % 50}/active`,
      `${device}/#`,
      `+/power/p${i % 50}/+`,
      `${device}/power/+/active`,
    ];
    return reading([filter[i % 4]!], i % 10 === 0 ? 60_000 : 0);
  });
}

function fillBatch(batch: SampleBatch, handles: readonly number[], from: number): void {
  const now = Date.now();
  batch.clear(now);
  for (let k = 0; k < BATCH; k++) batch.number[batch.add(handles[(from + k) % handles.length]!)] = k;
}

/** Samples per second from `ingest` to `subscribers` listeners that take every changed handle. */
function fanOut(subscribers: number, grant: Grant): number {
  const { live, handles } = makeLive(BATCH);
  const gate = makeGate(live);
  let seen = 0;
  for (let i = 0; i < subscribers; i++) {
    gate.putPrincipal({ name: `p${i}`, kind: 'token', role: '', created: 0 }, roleOf([grant]));
    gate.view(`p${i}`)!.subscribe((_handles, n) => (seen += n));
  }
  const batch = new SampleBatch(BATCH);
  const until = performance.now() + 700;
  const start = performance.now();
  let samples = 0;
  while (performance.now() < until) {
    fillBatch(batch, handles, samples);
    live.ingest(batch);
    samples += BATCH;
  }
  const rate = samples / ((performance.now() - start) / 1000);
  gate.close();
  live.close();
  if (grant.every === 0 && seen !== samples * subscribers)
    throw new Error(`delivered ${seen} of ${samples * subscribers}`);
  return rate;
}

function bareIngest(): number {
  const { live, handles } = makeLive(BATCH);
  const batch = new SampleBatch(BATCH);
  const start = performance.now();
  let samples = 0;
  while (performance.now() < start + 700) {
    fillBatch(batch, handles, samples);
    live.ingest(batch);
    samples += BATCH;
  }
  const rate = samples / ((performance.now() - start) / 1000);
  live.close();
  return rate;
}

function checkNs(): number {
  const { live, handles } = makeLive(POINTS);
  const gate = makeGate(live);
  gate.putPrincipal({ name: 'p', kind: 'token', role: '', created: 0 }, roleOf([reading(['dev1/#', '+/power/p7/#'])]));
  const view = gate.view('p')!;
  const rounds = 2000;
  let granted = 0;
  const start = performance.now();
  for (let r = 0; r < rounds; r++) for (const handle of handles) if (view.canRead(handle)) granted++;
  const ns = ((performance.now() - start) * 1e6) / (rounds * handles.length);
  gate.close();
  live.close();
  if (granted !== rounds * (POINTS / 40 + 39)) throw new Error(`granted ${granted / rounds}`);
  return ns;
}

/** ms to compile 10 principals of 200 grants each over 2,000 points anew. */
function makeRecompile(): { run: () => number; add: () => number; close: () => void } {
  const { live } = makeLive(POINTS);
  const gate = makeGate(live);
  const principal = (i: number) => ({ name: `p${i}`, kind: 'token', role: `r${i}`, created: 0 }) as const;
  const roles = new Map(Array.from({ length: PRINCIPALS }, (_, i) => [`r${i}`, roleOf(manyGrants(i))]));
  gate.setRoles(roles);
  for (let i = 0; i < PRINCIPALS; i++) gate.putPrincipal(principal(i));
  let added = 0;
  return {
    run: () => {
      const start = performance.now();
      gate.setRoles(roles);
      return performance.now() - start;
    },
    add: () => {
      const start = performance.now();
      for (let i = 0; i < 100; i++) {
        const path = `dev1/power/x${added++}/active`;
        live.declare({
          path,
          device: 'dev1',
          instance: 'bench',
          unit: 'W',
          type: 'number',
          kind: 'measurement',
          maxAge: 10_000,
        });
      }
      return (performance.now() - start) / 100;
    },
    close: () => {
      gate.close();
      live.close();
    },
  };
}

export const bench: Bench = {
  name: 'access',
  async run() {
    const limit = await medianOf(3, bareIngest);
    const ten = await medianOf(3, () => fanOut(10, reading(['#'])));
    const windowed = await medianOf(3, () => fanOut(10, reading(['#'], 60_000)));
    const ns = await medianOf(3, checkNs);
    const recompile = makeRecompile();
    for (let i = 0; i < 3; i++) recompile.run();
    const ms = await medianOf(7, recompile.run);
    const add = await medianOf(5, recompile.add);
    recompile.close();
    return [
      {
        name: 'access: ingest to 10 subscribers through the gate',
        figure: ten,
        unit: 'samples/s',
        target: 1e6,
        limit,
        better: 'more',
      },
      {
        name: 'access: ingest to 10 subscribers of 60 s means',
        figure: windowed,
        unit: 'samples/s',
        target: 1e6,
        limit,
        better: 'more',
      },
      { name: 'access: one check', figure: ns, unit: 'ns', target: 50, limit: null, better: 'less' },
      {
        name: 'access: recompile 2,000 points x 200 grants x 10 principals',
        figure: ms,
        unit: 'ms',
        target: 100,
        limit: null,
        better: 'less',
      },
      {
        name: 'access: add one point under 10 principals',
        figure: add,
        unit: 'ms',
        target: 1,
        limit: null,
        better: 'less',
      },
    ];
  },
};
