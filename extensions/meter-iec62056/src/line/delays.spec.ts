import { isSmxError, VirtualClock } from '@smx-edge/model';
import type { ServerOptions } from '@smx-edge/protocols/iec62056-21';
import { pass, VirtualLine, type Stall, type Way } from '../../test-support/virtual-line.js';
import { PROFILES } from '../profile/profiles.js';
import { settingsOf, type IecConfig } from '../settings.js';
import { IecLine } from './iec-line.js';

/** Every byte of what the reader of an instance does late by every time at which it or the meter gives up, in virtual time, ms. */
const DELAYS = [1499, 1501, 2201, 2999, 3001, 12_001, 20_001, 120_001];
/** A delay that the standard allows is no fault. */
const ALLOWED = 1500;
/** Up to where one meter's answer is told from the next one's by the line alone: behind it by the serial number it shows. */
const WAITED = 13_000;
/** After which meters have forgotten any reader, ms. */
const FORGETS = 130_000;
const CODES = /^SMX_(METER_SILENT|METER_MODE|PROTOCOL_BLOCK)$/;

const WAYS: readonly Way[] = ['toReader', 'toMeter'];
const READOUT = '0.0.0(11)\r\n1.8.0(000102.28*kWh)\r\n!\r\n';
const PASSWORD = '12345678';
const meterOf = (given: Partial<ServerOptions> = {}): Partial<ServerOptions> => ({
  identification: { manufacturer: 'LGZ', speed: '5', escapes: [], text: 'ZMD' },
  ...{ readout: () => READOUT, isPassword: (_: string, text: string) => text === PASSWORD },
  answer: (_, data) => (data === '1.8.0()' ? ['(000102.28*kWh)'] : ['(000007.77', '*kWh)']),
  ...given,
});

/** Settings by config, made once: a time zone takes longer than a conversation. */
const known = new WeakMap<object, ReturnType<typeof settingsOf>>();

function settingsFor(config: Partial<IecConfig>): ReturnType<typeof settingsOf> {
  const settings = known.get(config) ?? settingsOf({ source: 'serial:/dev/ttyS9', ...config }, 'UTC');
  known.set(config, settings);
  return settings;
}

/** What a line is read with, in time that passes by itself. */
class Rig {
  readonly clock = new VirtualClock();
  readonly wire: VirtualLine;
  readonly line: IecLine;
  private readonly settings;

  constructor(meters: readonly Partial<ServerOptions>[], config: Partial<IecConfig>, stall?: Stall) {
    this.settings = settingsFor(config);
    this.wire = new VirtualLine({ clock: this.clock, meters, ...(stall && { stall }) });
    this.line = new IecLine({
      ...{ settings: this.settings.line, isShared: this.settings.meters.length > 1, clock: this.clock },
      ...{ open: () => this.wire.open(), now: () => this.clock.now() },
    });
  }

  readOut(which = 0): Promise<unknown> {
    const meter = this.settings.meters[which]!;
    return this.of(async () => (await this.line.converse(meter, { family: PROFILES['generic']!, mode: 'readout' })).answer?.text); // prettier-ignore
  }

  registers(): Promise<unknown> {
    return this.of(async () => {
      const meter = this.settings.meters[0]!;
      const { conversation } = await this.line.converse(meter, { family: PROFILES['generic']!, mode: 'programming' });
      return [(await conversation.read('R5', '1.8.0()')).text, (await conversation.read('R6', '2.8.0()')).text];
    });
  }

  /** What comes of it, or the code of its fault. */
  private async of(what: () => Promise<unknown>): Promise<unknown> {
    let outcome: { readonly value: unknown } | undefined;
    void what().then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { value: isSmxError(error) ? error.code : error }),
    );
    await pass(this.clock, () => outcome !== undefined);
    return outcome!.value;
  }

  async wait(ms: number): Promise<void> {
    await pass(this.clock, () => false, ms);
  }
}

/** Runs what is to hold for each byte that is late, by each of the times; says of which it does not. */
async function each(count: number, way: Way, holds: (stall: Stall) => Promise<void>): Promise<void> {
  for (let at = 0; at < count; at++)
    for (const by of DELAYS)
      try {
        await holds({ way, at, by });
      } catch (error) {
        throw new Error(`byte ${at} ${way} late by ${by} ms: ${String(error)}`, { cause: error });
      }
}

describe.each([
  ['a readout of mode A', meterOf({ mode: 'A', baud: 300, identification: { ...meterOf().identification!, speed: ' ' } }), 'readOut'], // prettier-ignore
  ['a readout of mode B', meterOf({ mode: 'B', identification: { ...meterOf().identification!, speed: 'E' } }), 'readOut'], // prettier-ignore
  ['a readout of mode C', meterOf(), 'readOut'],
  ['programming mode', meterOf(), 'registers'],
] as const)('%s', (_, meter, what) => {
  const config = what === 'registers' ? { password: PASSWORD } : {};
  const right = what === 'registers' ? ['(000102.28*kWh)', '(000007.77*kWh)'] : READOUT;

  it.each(WAYS)(
    'with each byte %s late by each time gives what is right or a coded fault, and all once the line is still',
    async (way) => {
      const whole = new Rig([meter], config);
      expect(await whole[what]()).toEqual(right);
      const count = whole.wire.ways[way].passed;
      await each(count, way, async (stall) => {
        const rig = new Rig([meter], config, stall);
        const first = await rig[what]();
        if (stall.by < ALLOWED) expect(first).toEqual(right);
        else if (typeof first === 'string' && first !== right) expect(first).toMatch(CODES);
        else expect(first).toEqual(right);
        if (stall.by < ALLOWED) return;
        const next = await rig[what]();
        if (typeof next === 'string' && next !== right) expect(next).toMatch(CODES);
        else expect(next).toEqual(right);
        await rig.wait(stall.by + FORGETS);
        expect(await rig[what]()).toEqual(right);
      });
    },
  );
});

describe.each(['A', 'C'] as const)('two meters of mode %s on a line', (mode) => {
  const own = (address: string): Partial<ServerOptions> =>
    meterOf({
      ...{ address, mode, readout: () => `0.0.0(${address})\r\n!\r\n` },
      identification: { ...meterOf().identification!, speed: { A: ' ', C: '5' }[mode] },
    });
  const config = { address: '11', others: { tenant: { address: '12' } } };

  it.each(WAYS)('of which each byte %s is late by each time are never taken for each other', async (way) => {
    const meters = [own('11'), own('12')];
    const whole = new Rig(meters, config);
    expect([await whole.readOut(0), await whole.readOut(1)]).toEqual(['0.0.0(11)\r\n!\r\n', '0.0.0(12)\r\n!\r\n']);
    await each(whole.wire.ways[way].passed, way, async (stall) => {
      const rig = new Rig(meters, config, stall);
      for (const which of [0, 1, 0, 1]) {
        const said = String(await rig.readOut(which));
        if (mode !== 'A' || stall.by < WAITED) expect(CODES.test(said) || said.includes(`(1${which + 1})`)).toBe(true);
      }
      await rig.wait(stall.by + FORGETS);
      for (const which of [0, 1]) expect(await rig.readOut(which)).toContain(`(1${which + 1})`);
    });
  });
});
