import { S1Wire } from '../../test-support/s1-wire.js';

let wire: S1Wire;
const open = async (...args: Parameters<S1Wire['open']>): Promise<S1Wire> => (wire = await new S1Wire().open(...args));

afterEach(async () => {
  expect(wire.harness.seen.exceptions).toEqual([]);
  expect(wire.harness.seen.refused).toEqual([]);
  await wire.close();
});

interface Answer {
  readonly recognition: string;
  readonly at: number | null;
  readonly wait: string | null;
  readonly appliances: {
    id: string;
    name: string | null;
    power: number;
    isOn: boolean;
    runs: number;
    energy: number;
  }[];
}
const call = (name: string, args = {}): Promise<Answer> => wire.harness.call(name, args) as Promise<Answer>;
const consent = (consent: string): Promise<Answer> => call('loads-consent', { consent });
const paths = (): string[] => [...wire.harness.seen.definitions.keys()].filter((path) => path.includes('appliance'));
/** As in the store, which keeps no nulls. */
const kept = (): unknown => wire.harness.seen.state.get('loads') ?? undefined;

/** All currents double for three seconds, so many times: 1150 W of L1, 575 W of L2 and 230 W of L3. */
async function switchOn(times: number): Promise<void> {
  for (let k = 0; k < times; k++) {
    wire.wave.current = 2;
    await wire.run(3.2);
    wire.wave.current = 1;
    await wire.run(3.2);
  }
}

it('looks at nothing before the resident consents, whatever the config says, and tells so', async () => {
  await open({ invert: false });
  await wire.run(3);
  await switchOn(4);
  expect(await call('appliances')).toEqual({ recognition: 'off', at: null, wait: null, appliances: [] });
  expect(paths()).toEqual([]);
  await expect(call('name-appliance', { id: 'a1', name: 'kettle' })).rejects.toMatchObject({
    code: 'SMX_NOT_AVAILABLE',
  });
  expect(wire.harness.seen.state.has('loads')).toBe(false);
  expect((await consent('given')).appliances).toEqual([]);
});

it('tells appliances by personal points once they ran three times, with the energy of their runs', async () => {
  await open({ invert: false });
  await consent('given');
  await wire.run(3);
  await switchOn(2);
  const { recognition, at, appliances } = await call('appliances');
  expect([recognition, at]).toEqual(['on', expect.any(Number)]);
  expect(appliances.map(({ runs, isOn }) => [runs, isOn])).toEqual([
    [2, false],
    [2, false],
    [2, false],
  ]);
  expect(paths()).toEqual([]);
  await switchOn(2);
  const ids = Object.fromEntries(
    (await call('appliances')).appliances.map(({ id, power }) => [Math.round(power / 10), id]),
  );
  expect(Object.keys(ids)).toEqual(['23', '57', '115']);
  const id = ids['115']!;
  const { definitions, values } = wire.harness.seen;
  expect(paths()).toHaveLength(15);
  for (const path of paths()) expect(definitions.get(path)?.personal).toBe(true);
  expect(definitions.get(`s1/appliance/${id}/power`)).toMatchObject({ unit: 'W' });
  expect(definitions.get(`s1/appliance/${id}/energy`)).toMatchObject({ unit: 'Wh', kind: 'counter' });
  await wire.run(0.5);
  expect(wire.value(`appliance/${id}/on`)).toBe(false);
  expect(wire.value(`appliance/${id}/power`)).toBe(0);
  // four runs of 3.2 s
  expect(Math.abs(Number(wire.value(`appliance/${id}/energy`)) - (1150 * 12.8) / 3600)).toBeLessThan(0.5);
  expect(values.get(`s1/appliance/${id}/power`)).toMatchObject({ quality: 'good' });
  wire.wave.current = 2;
  await wire.run(3.2);
  expect(wire.value(`appliance/${id}/on`)).toBe(true);
  expect(Math.abs(Number(wire.value(`appliance/${id}/power`)) - 1150)).toBeLessThan(15);
  expect(wire.harness.seen.events).toEqual([]);
});

it('takes names, merges and forgets at once, and keeps that over a death', async () => {
  await open({ invert: false });
  await consent('given');
  await wire.run(3);
  await switchOn(1);
  const [first, second, third] = (await call('appliances')).appliances;
  await call('name-appliance', { id: first!.id, name: 'Kettle & co' });
  await wire.run(0.2);
  expect(wire.value(`appliance/${first!.id}/name`)).toBe('Kettle & co');
  await call('merge-appliances', { into: first!.id, from: second!.id });
  await call('forget-appliance', { id: third!.id });
  const state = JSON.parse(JSON.stringify(Object.fromEntries(wire.harness.seen.state))) as Record<string, unknown>;
  await wire.close();
  wire = await new S1Wire(Date.UTC(2026, 0, 15)).open({ invert: false }, { state });
  await wire.run(1);
  const { appliances } = await call('appliances');
  expect(appliances.map(({ id, name, runs }) => [id, name, runs])).toEqual([[first!.id, 'Kettle & co', 2]]);
  // it may run since before
  expect(wire.harness.seen.values.get(`s1/appliance/${first!.id}/on`)).toMatchObject({
    ...{ value: false, quality: 'uncertain', reason: expect.stringContaining('not seen to switch') },
  });
  await call('forget-appliance', { id: first!.id });
  expect(paths()).toEqual([]);
  await expect(call('forget-appliance', { id: first!.id })).rejects.toMatchObject({ code: 'SMX_EXTENSION_CALL' });
});

it('erases all that was learned when the consent is withdrawn, also where a death came in between', async () => {
  await open({ invert: false });
  await consent('given');
  await wire.run(3);
  await switchOn(4);
  const [any] = (await call('appliances')).appliances;
  await call('name-appliance', { id: any!.id, name: 'Oven' });
  const learned = kept();
  expect(learned).toBeDefined();
  expect(paths().length).toBeGreaterThan(0);
  expect(await consent('withdrawn')).toMatchObject({ recognition: 'off', appliances: [] });
  expect(paths()).toEqual([]);
  expect(kept()).toBeUndefined();
  await switchOn(1);
  expect((await call('appliances')).appliances).toEqual([]);
  const refusal = wire.harness.seen.state.get('loads-consent');
  await wire.close();
  await open({ invert: false }, { state: { 'loads-consent': refusal, loads: learned } });
  await wire.run(1);
  expect(kept()).toBeUndefined();
  expect(paths()).toEqual([]);
});

it('writes what it learns half-hourly at most', async () => {
  await open({ invert: false });
  await consent('given');
  await wire.run(3);
  await switchOn(3);
  await wire.pass(60);
  expect(kept()).toBeUndefined();
  await wire.pass(1800);
  expect(kept()).toMatchObject({ version: 2 });
});

it('tells nothing of appliances while nothing comes, so that what it last told turns stale', async () => {
  await open({ invert: false });
  await consent('given');
  await wire.run(3);
  await switchOn(1);
  const [any] = (await call('appliances')).appliances;
  await call('name-appliance', { id: any!.id, name: 'Oven' });
  const told = (): number =>
    wire.harness.seen.batches.flat().filter(({ path }) => path === `s1/appliance/${any!.id}/on`).length;
  await wire.pass(61);
  const before = told();
  await wire.pass(600);
  expect(before).toBeGreaterThan(0);
  expect(told()).toBe(before);
});

it('waits for the direction of the current, without which on and off cannot be told apart', async () => {
  await open();
  await consent('given');
  await wire.run(3);
  await switchOn(1);
  const { wait, appliances } = await call('appliances');
  expect(wait).toMatch(/calibrate-from/);
  expect(appliances).toEqual([]);
});
