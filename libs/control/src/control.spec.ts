import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gate, parseRoles } from '@smx-edge/access';
import { Store } from '@smx-edge/datastore';
import { applied } from '@smx-edge/extension-api';
import { silentLog, VirtualClock, Zone } from '@smx-edge/model';
import { POINT, START, World } from '../test-support/world.js';
import { Control } from './control.js';
import type { SetpointDoor } from './devices.js';
import { stageOf } from './record.js';

const PARTIES = 51;
const BURST = 10;
const grants = [{ command: [POINT], between: [-4000, 4000], lease: '15m' }];

let folder: string;
let store: Store;
let gate: Gate;
let control: Control;
let device: unknown;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smx-control-'));
  const clock = new VirtualClock(START);
  const zone = new Zone('Europe/Rome');
  const keeping = { flush: 10_000, budget: 2 ** 30, raw: 31 * 86_400_000 };
  store = await Store.open({ dir: folder, clock, zone, log: silentLog, ...keeping });
  const { live } = store;
  gate = new Gate({ live, clock, zone, history: store, ledger: store, log: silentLog });
  gate.setRoles(parseRoles({ roles: { party: { grants } } }));
  for (let i = 0; i < PARTIES; i++) gate.putPrincipal({ name: `p${i}`, kind: 'token', role: 'party', created: START });
  const handle = live.declare(new World().definition);
  const base = { live, gate, shelf: store.commands, events: store, ledger: store, clock, log: silentLog };
  control = new Control({ ...base, controlled: () => true, clockState: () => 'ok', limits: {} });
  await control.start();
  const door: SetpointDoor = {
    setpoint: (_instance, _handle, { value }) => Promise.resolve(applied((device = value))),
    release: () => Promise.resolve(applied((device = 'default'))),
    onSetpoint: (listener) => {
      listener({ instance: 'dev', handle, ready: true });
      return { dispose: () => undefined };
    },
  };
  control.attach(door);
});

afterEach(async () => {
  gate.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const until = async (shown: unknown): Promise<void> => {
  while (device !== shown) await new Promise(setImmediate);
};

it('ends a command with the grant behind it, and puts its device back', async () => {
  const record = await control.submit(gate.require('p0'), { id: 'a', point: POINT, value: 700, for: 60_000 });
  expect(stageOf(record).state).toBe('accepted');
  await until(700);
  gate.setRoles(parseRoles({ roles: { party: { grants: [] } } }));
  await until('default');
  const ended = await control.find('p0', 'a');
  expect(ended).toMatchObject({ over: true });
  expect(stageOf(ended!)).toMatchObject({ state: 'cancelled', reason: 'the grant behind it ended' });
});

it('takes no more than 500 commands at once, however fast they come', async () => {
  const asked = Array.from({ length: PARTIES * BURST }, (_, i) => {
    // a weaker one of the same party waits behind it instead of taking its place
    const priority = 50 - Math.floor(i / PARTIES);
    return control.submit(gate.require(`p${i % PARTIES}`), {
      id: `c${i}`,
      point: POINT,
      value: i,
      for: 60_000,
      priority,
    });
  });
  const codes = (await Promise.all(asked)).map((record) => stageOf(record).code);
  expect(codes.filter((code) => code === undefined)).toHaveLength(500);
  expect(codes.slice(500)).toEqual(Array.from({ length: 10 }, () => 'SMX_COMMAND_FULL'));
});
