import {
  decodeArchive,
  decodeBody,
  decodeInverter,
  decodeInverters,
  decodeMeters,
  decodePowerFlow,
  decodeStorages,
  type JsonObject,
} from '@smx-edge/protocols/solar-api';
import { seeded } from '../faults/support/random.js';
import { medianOf, type Bench, type BenchRow } from './row.js';
import { cpuMs, cpuRate } from './support/cpu.js';

const ROUNDS = 5;
const MUTATIONS = 1_000_000;
const SLOTS = 288;
const DAYS = 16;

type Row = BenchRow & { readonly better: 'more' | 'less' };

const framed = (data: object): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      Body: { Data: data },
      Head: {
        RequestArguments: {},
        Status: { Code: 0, Reason: '', UserMessage: '' },
        Timestamp: '2026-01-31T09:37:14+01:00',
      },
    }),
  );

/** What a hybrid says at each poll: the site, and the meter at its connection. */
const POWER_FLOW = framed({
  Inverters: {
    '1': { Battery_Mode: 'normal', DT: 83, E_Day: 414.8, E_Total: 5305087, E_Year: 515956.6, P: 345, SOC: 8 },
  },
  Site: {
    ...{ BatteryStandby: false, E_Day: 414.8, E_Total: 5305087.2, E_Year: 515956.6, Meter_Location: 'grid' },
    ...{ Mode: 'bidirectional', P_Akku: -295.47, P_Grid: 45.94, P_Load: -390.94, P_PV: 692.9, rel_Autonomy: 88.2 },
    rel_SelfConsumption: 100,
  },
  Version: '12',
});
const METER = framed({
  '0': {
    Details: { Manufacturer: 'Fronius', Model: 'Smart Meter 63A', Serial: '90000001 ' },
    ...{ Enable: 1, Visible: 1, TimeStamp: 1769850000, Meter_Location_Current: 0, Frequency_Phase_Average: 50 },
    ...{ EnergyReal_WAC_Sum_Consumed: 1364162, EnergyReal_WAC_Sum_Produced: 2709500, PowerReal_P_Sum: -1154.26 },
    ...perPhase('Current_AC', 2.389),
    ...perPhase('Voltage_AC', 233.4),
    ...perPhase('PowerReal_P', -539.3),
    ...perPhase('PowerReactive_Q', -90.19),
    ...perPhase('PowerApparent_S', 557.59),
    ...perPhase('PowerFactor', -0.98),
  },
});

function perPhase(name: string, value: number): Record<string, number> {
  return Object.fromEntries([1, 2, 3].map((phase) => [`${name}_Phase_${phase}`, value + phase]));
}

/** What a request of the archive gives at most: 16 days of two counters. */
function archive(): Uint8Array {
  const slots = Array.from({ length: DAYS * SLOTS }, (_, i) => [String(i * 300), 2_343_918 + i] as const);
  const channel = { Unit: 'Wh', Values: Object.fromEntries(slots) };
  const Data = { EnergyReal_WAC_Plus_Absolute: channel, EnergyReal_WAC_Minus_Absolute: channel };
  return framed({ 'meter:90000001': { Start: '2026-01-01T00:00:00+01:00', Data } });
}

function dataOf(bytes: Uint8Array): JsonObject {
  const body = decodeBody(bytes);
  if ('fault' in body) throw new Error(body.fault);
  return body.data;
}

/** The least that any reader of these bodies does. */
const bare = (bytes: Uint8Array): unknown =>
  JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());

function poll(): void {
  const { site } = decodePowerFlow(dataOf(POWER_FLOW));
  const power = decodeMeters(dataOf(METER)).get('0')?.quantities.power;
  if (site.battery?.value !== -295.47 || power?.value !== -1154.26) throw new Error('a poll was read wrong');
}

function barePoll(): void {
  bare(POWER_FLOW);
  bare(METER);
}

const DECODERS = [decodeArchive, decodeInverter, decodeInverters, decodeMeters, decodePowerFlow, decodeStorages];

interface Harm {
  /** Throws, and answers that are neither data nor a coded fault. */
  readonly escaped: number;
  /** Values that are no finite number and not null. */
  readonly wrong: number;
  /** ms of one core for the slowest body. */
  readonly slowest: number;
}

/** Bodies of which up to three bytes are others, missing or new, each through two of the decoders. */
function mutate(bodies: readonly Uint8Array[]): Harm {
  const random = seeded(8);
  const below = (n: number): number => Math.floor(random() * n);
  let [escaped, wrong, slowest] = [0, 0, 0];
  const judge = (value: unknown): void => {
    if (typeof value === 'number' && !Number.isFinite(value)) wrong++;
    else if (value instanceof Map) value.forEach(judge);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(judge);
  };
  for (let n = 0; n < MUTATIONS; n++) {
    let body = Buffer.from(bodies[n % bodies.length]!);
    for (let k = below(3); k >= 0; k--) {
      const at = below(body.length);
      const way = below(8);
      if (way > 1) body[at] = way > 4 ? 0x30 + below(10) : below(256);
      else body = Buffer.concat([body.subarray(0, at), Buffer.alloc(way, below(256)), body.subarray(at + 1 - way)]);
    }
    const begun = cpuMs();
    try {
      const answer = decodeBody(body);
      if ('fault' in answer) escaped += answer.code.startsWith('SMX_SOLARAPI_') ? 0 : 1;
      else for (let k = 0; k < 2; k++) judge(DECODERS[((n >> 1) + k) % DECODERS.length]!(answer.data));
    } catch {
      escaped++;
    }
    slowest = Math.max(slowest, cpuMs() - begun);
  }
  return { escaped, wrong, slowest };
}

/** ms of one core for a pass over something long. */
function passMs(pass: () => void): number {
  const start = cpuMs();
  for (let i = 0; i < 20; i++) pass();
  return (cpuMs() - start) / 20;
}

async function run(): Promise<readonly Row[]> {
  const figure = await medianOf(ROUNDS, () => cpuRate(poll));
  const limit = await medianOf(ROUNDS, () => cpuRate(barePoll));
  const long = archive();
  const readArchive = (): void => {
    const rows = decodeArchive(dataOf(long)).get('meter:90000001')?.channels.get('EnergyReal_WAC_Plus_Absolute')?.rows;
    if (rows?.length !== DAYS * SLOTS) throw new Error('rows are missing');
  };
  readArchive();
  const ms = await medianOf(ROUNDS, () => passMs(readArchive));
  const bareMs = await medianOf(ROUNDS, () => passMs(() => void bare(long)));
  const { escaped, wrong, slowest } = mutate([POWER_FLOW, METER]);
  const name = (what: string): string => `Solar API: ${what}`;
  const alone = { limit: null, better: 'less' } as const;
  return [
    {
      name: name('polls of power flow and meter, bytes to readings, beside JSON.parse of both'),
      ...{ figure, unit: 'polls/s', target: 10_000, limit, better: 'more' },
    },
    {
      name: name('archive of 16 days, two counters, beside JSON.parse'),
      ...{ figure: ms, unit: 'ms', target: 50, limit: bareMs, better: 'less' },
    },
    { name: name('of 10⁶ mutated bodies, those without an answer'), figure: escaped, unit: '', target: 0, ...alone },
    { name: name('of these, values that are no number and not null'), figure: wrong, unit: '', target: 0, ...alone },
    { name: name('the slowest of these, processor time'), figure: slowest, unit: 'ms', target: 50, ...alone },
  ];
}

export const bench: Bench = { name: 'solar-api', run };
