import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  decodeFrame,
  LimitPlan,
  Observer,
  peekFrame,
  Scheduler,
  versionOf,
  type Observation,
  type Session,
} from '@smx-edge/protocols/ocpp-j';
import { interleave } from './support/ocpp-interleavings.js';

/** Sessions between independent implementations, and frames with the oddities of real stations; see its README. */
const TRACES = resolve(__dirname, '../../../shared/data/ocpp/traces');
const given = existsSync(TRACES) ? describe : describe.skip;
const NAMES = existsSync(TRACES) ? readdirSync(TRACES).filter((name) => name.endsWith('.jsonl')) : [];

interface Line {
  readonly dir: 'cp->cs' | 'cs->cp';
  readonly frame: string;
}

function linesOf(name: string): readonly [{ subprotocol: string }, ...Line[]] {
  const lines = readFileSync(join(TRACES, name), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line)) as never;
}

function observe(name: string): readonly Observation[] {
  const [header, ...lines] = linesOf(name);
  const observer = new Observer(versionOf(header.subprotocol)!);
  return lines.flatMap(({ dir, frame }) => dir === 'cp->cs' ? observer.fromChargePoint(Buffer.from(frame)) : observer.fromBackEnd(Buffer.from(frame))); // prettier-ignore
}

const readingsIn = (told: readonly Observation[], isLate = false): unknown[][] =>
  told.flatMap((o) => (o.kind === 'values' && o.isLate === isLate ? o.readings.map(({ path, value }) => [o.outlet, path, value]) : [])); // prettier-ignore
const sessionsIn = (told: readonly Observation[], kind: 'session-started' | 'session-ended'): Session[] =>
  told.flatMap((o) => (o.kind === kind ? [o.session] : []));

given('OCPP sessions as recorded', () => {
  it.each(NAMES)('%s: each frame has the head that JSON.parse finds', (name) => {
    const [, ...lines] = linesOf(name);
    for (const { frame } of lines) {
      const [type, id, action] = JSON.parse(frame) as [number, string, string];
      const head = { kind: ['call', 'result', 'error', 'result-error', 'send'][type - 2], id, ...(type === 2 && { action }) }; // prettier-ignore
      expect(peekFrame(Buffer.from(frame))).toEqual(head);
      expect(decodeFrame(frame)).toMatchObject(head);
    }
  });

  it.each(NAMES.filter((name) => name.startsWith('session-16')))('%s: each session that was answered is told', (name) => {
    const [, ...lines] = linesOf(name);
    const frames = lines.map(({ frame }) => JSON.parse(frame) as [number, string, unknown, Record<string, never>]);
    const answers = new Map(frames.filter(([type]) => type === 3).map(([, id, payload]) => [id, payload as Record<string, unknown>])); // prettier-ignore
    const called = (action: string): [string, Record<string, unknown>][] => frames.filter(([type, id, what]) => type === 2 && what === action && answers.has(id)).map(([, id, , payload]) => [id, payload]); // prettier-ignore
    const begun = called('StartTransaction').map(([id, { connectorId, meterStart }]) => [String(answers.get(id)!['transactionId']), connectorId, meterStart]); // prettier-ignore
    const told = observe(name);
    expect(sessionsIn(told, 'session-started').map((s) => [s.transactionId, s.outlet, s.meterStart])).toEqual(begun);
    const ended = called('StopTransaction').map(([, { transactionId, meterStop }]) => [String(transactionId), meterStop]); // prettier-ignore
    // answers may cross: their order is that of the answers
    expect(sessionsIn(told, 'session-ended').map((s) => [s.transactionId, s.meterStop]).sort()).toEqual(ended.sort()); // prettier-ignore
    for (const { meterStart, meterStop, energy } of sessionsIn(told, 'session-ended'))
      if (meterStart !== undefined && meterStop! >= meterStart) expect(energy).toBeCloseTo(meterStop! - meterStart, 9);
  }); // prettier-ignore

  it.each(NAMES.filter((name) => /-(201|21)-mobilityhouse/.test(name)))('%s: one session, its values and its status', (name) => {
    const told = observe(name);
    const [started] = sessionsIn(told, 'session-started');
    expect(started).toMatchObject({ outlet: 1, transactionId: expect.stringMatching(/^tx-/) });
    expect(sessionsIn(told, 'session-ended')).toEqual([expect.objectContaining({ outlet: 1, transactionId: started!.transactionId, reason: 'EVDisconnected', idTag: expect.anything() })]); // prettier-ignore
    expect(told.flatMap((o) => (o.kind === 'status' ? [o.status] : []))).toEqual(['available', 'preparing', ...Array<string>(6).fill('charging'), 'available']); // prettier-ignore
    const power = readingsIn(told).filter(([, path]) => path === 'power/active');
    expect(power).toEqual(Array(5).fill([1, 'power/active', 7360.5]));
  }); // prettier-ignore

  it('frames of real stations tell what they say', () => {
    const told = observe('vectors-quirks.jsonl');
    expect(readingsIn(told)).toEqual([
      [1, 'current/offered', 16],
      [1, 'current/l1', 0],
      [1, 'voltage/l1', 231.5],
      [1, 'energy/active/import', 1234],
      [1, 'power/active', 0],
    ]);
    const station = { kind: 'station', vendor: 'Example', model: 'Model A', firmware: '1.04' };
    expect(told.slice(1)).toEqual([station, station]);
  });

  it('profiles of a back end bound a limit that stands in their stack', () => {
    const settings = {
      safe: { unit: 'A', value: 6 },
      refresh: 60_000,
      idBase: 9_001_000,
      volts: 230,
      phases: 3,
    } as const;
    const plan = new LimitPlan({ maxStackLevel: 8, connectors: 1 }, { connectorId: 1, unit: 'A' }, settings);
    plan.setLimit({ unit: 'A', value: 32 });
    const limitNow = (): unknown => {
      for (let call = plan.next(0); call; call = plan.next(0)) plan.answered('accepted', 0);
      return plan.value;
    };
    expect(limitNow()).toBe(32);
    const [, ...lines] = linesOf('vectors-charging-profiles.jsonl');
    for (const { dir, frame } of lines)
      if (dir === 'cs->cp') plan.backEnd('SetChargingProfile', decodeFrame(frame)!.payload, 0);
    // SCPROFILE_1: 16 A for the whole station
    expect(limitNow()).toBe(16);
    plan.backEnd('ClearChargingProfile', { chargingProfilePurpose: 'ChargePointMaxProfile' }, 0);
    expect(plan).toMatchObject({ state: 'trying', wakeAt: expect.any(Number) });
  });

  it('no value of any of them is refused', () => {
    const all = NAMES.flatMap((name) => [...readingsIn(observe(name)), ...readingsIn(observe(name), true)]);
    expect(all.length).toBeGreaterThan(200);
    expect(all.filter(([, , value]) => value === null)).toEqual([]);
  });
});

describe('turns at a charge point', () => {
  it('are kept over 10 000 interleavings', () => {
    const met = interleave(() => new Scheduler(), 10_000, 9);
    expect(met.faults).toEqual([]);
    for (const count of [met.held, met.late, met.doubled, met.orphans, met.timeouts, met.answered])
      expect(count).toBeGreaterThan(500);
  });
});
