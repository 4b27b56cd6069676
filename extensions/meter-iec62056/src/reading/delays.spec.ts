import { Alarms, defineExtension } from '@smx-edge/extension-api';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { SmxError, VirtualClock } from '@smx-edge/model';
import { type ServerOptions } from '@smx-edge/protocols/iec62056-21';
import { pass, VirtualLine, type Stall, type Way } from '../../test-support/virtual-line.js';
import type { IecConfig } from '../settings.js';
import { lineReader } from './line-reader.js';

/** Whole instances on lines in virtual time, each byte of their first turn late by each time at which one end gives up, ms. */
const DELAYS = [1501, 3001, 12_001, 20_001, 120_001];
/** Each third byte: each one is tried where a line is read, beside `IecLine`. */
const STRIDE = 3;
/** In which each meter is read once more after what was late, and in which one that looked like another is at last, ms. */
const READ = 40_000;
const RECOVERS = 900_000;
const WAYS: readonly Way[] = ['toReader', 'toMeter'];
const PASSWORD = '12345678';

const meterOf = (serial: string, volts: number, given: Partial<ServerOptions> = {}): Partial<ServerOptions> => ({
  ...{ address: serial, identification: { manufacturer: 'LGZ', speed: '5', escapes: [], text: 'ZMD' } },
  readout: () => `0.0.0(${serial})\r\n32.7.0(${volts}*V)\r\n!\r\n`,
  isPassword: (_, text) => text === PASSWORD,
  answer: (_, data) => [
    { '32.7.0()': `(${volts}*V)`, '1.7.0()': '(1.234*kW)', '0.0.0()': `(${serial})` }[data] ?? '(ERROR06)',
  ],
  ...given,
});
const SLOW: Partial<ServerOptions> = { mode: 'A', identification: { manufacturer: 'LGZ', speed: ' ', escapes: [], text: 'ZMD' } }; // prettier-ignore

interface Run {
  readonly harness: Harness;
  readonly clock: VirtualClock;
  readonly wire: VirtualLine;
}

function start(meters: readonly Partial<ServerOptions>[], config: Partial<IecConfig>, stall?: Stall): Run {
  const clock = new VirtualClock();
  const wire = new VirtualLine({ clock, meters, ...(stall && { stall }) });
  const extension = defineExtension<IecConfig>({
    start: async (smx) => lineReader(smx, await Alarms.load(smx.state, smx.log), clock).run(),
  });
  const none = (): never => {
    throw new SmxError('SMX_NOT_AVAILABLE', 'nobody listens here');
  };
  const lines = { openLine: (source: string) => wire.open(source), listenLines: none };
  const harness = runExtension(extension, { clock, lines, config: { source: 'serial:/dev/ttyS9', readout: '10s', timezone: 'UTC', ...config } }); // prettier-ignore
  return { harness, clock, wire };
}

/** What each point may show, whatever happens: the truth, or nothing. */
type Truth = Readonly<Record<string, unknown>>;

const CASES: readonly (readonly [string, readonly Partial<ServerOptions>[], Partial<IecConfig>, Truth])[] = [
  ['one that is read out', [meterOf('11', 231)], {}, { 'pcc/voltage/l1': 231, 'pcc/serial': '11' }],
  [
    'one in programming mode',
    [meterOf('11', 231)],
    { readout: '0s', password: PASSWORD, poll: { every: '30s', addresses: ['32.7.0', '1.7.0'] } },
    { 'pcc/voltage/l1': 231, 'pcc/power/active/import': 1234 },
  ],
  [
    'two of mode A on a line',
    [meterOf('11', 231, SLOW), meterOf('12', 232, SLOW)],
    { address: '11', others: { tenant: { address: '12' } } },
    { 'pcc/voltage/l1': 231, 'pcc/serial': '11', 'tenant/voltage/l1': 232, 'tenant/serial': '12' },
  ],
];

describe.each(CASES)('%s', (_, meters, config, truth) => {
  const shown = ({ harness }: Run): Truth =>
    Object.fromEntries(Object.keys(truth).map((path) => [path, harness.seen.values.get(path)?.value]));
  const isWhole = (run: Run): boolean => JSON.stringify(shown(run)) === JSON.stringify(truth);

  async function late(stall: Stall): Promise<void> {
    const run = start(meters, config, stall);
    const { harness, clock } = run;
    const isWell = (): boolean => isWhole(run) && harness.seen.statuses.at(-1)?.state === 'ok';
    await pass(clock, () => clock.monotonic() > stall.by + READ && isWell(), stall.by + RECOVERS);
    for (const { path, value } of harness.seen.batches.flat())
      if (path in truth) expect([path, value]).toEqual([path, value === null ? null : truth[path]]);
    expect(shown(run)).toEqual(truth);
    expect(harness.seen.statuses.at(-1)?.state).toBe('ok');
    expect(harness.seen.exceptions).toEqual([]);
    expect([...harness.seen.devices.values()].every(({ online }) => online === true)).toBe(true);
    // what was raised for it is over
    const open = harness.seen.events.filter(({ state }) => state === 'raised').length;
    expect(harness.seen.events.filter(({ state }) => state === 'cleared')).toHaveLength(open);
    const stopped = harness.stop();
    let isOver = false;
    void stopped.then(() => (isOver = true));
    await pass(clock, () => isOver);
  }

  it.each(WAYS)(
    'with each byte %s late by each time shows nothing that is wrong, and all once the line is still',
    async (way) => {
      const whole = start(meters, config);
      await pass(whole.clock, () => isWhole(whole), 60_000);
      expect(shown(whole)).toEqual(truth);
      const count = whole.wire.ways[way].passed;
      await whole.harness.stop().catch(() => undefined);
      for (let at = 0; at < count; at += STRIDE)
        for (const by of DELAYS)
          try {
            await late({ way, at, by });
          } catch (error) {
            throw new Error(`byte ${at} ${way} late by ${by} ms: ${String(error)}`, { cause: error });
          }
    },
  );
});
