import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../e2e/smxcore-support.js';
import { least, most, none, progress, type Extent, type Rig, type RigRow } from './rig.js';
import type { Absence } from './support/delivery.js';
import { FaultProxy, type NetworkFault } from './support/fault-proxy.js';
import { seeded } from './support/random.js';
import { Site } from './support/site.js';

const SIDES = ['link', 'meter'] as const;
type Side = (typeof SIDES)[number];

const FAULTS = ['delay', 'bytes', 'cut', 'hole', 'half-open'] as const satisfies readonly NetworkFault[];
type Fault = (typeof FAULTS)[number];

/** Faults under which what is on both sides goes on, only later. */
const PASSING: ReadonlySet<Fault> = new Set(['delay', 'bytes']);

/** ms that a fault lasts. */
const LASTS = { shortest: 1500, longest: 15_000 } as const;
/** ms by which what was on its way, or late on this machine, counts as during the fault. */
const SLACK = 2500;
/** s from the end of a fault to new values: keep-alive of a link with what MQTT allows beyond it, silence of a line. */
const RECOVERY = 60;

interface Blow {
  readonly side: Side;
  readonly fault: Fault;
  readonly ms: number;
}

const FEW: readonly Blow[] = [
  { side: 'link', fault: 'cut', ms: LASTS.shortest },
  { side: 'meter', fault: 'hole', ms: LASTS.shortest },
];

/** Each fault on each side, five times, for a time of its own. */
function many(): Blow[] {
  const random = seeded(5);
  const one = (side: Side, fault: Fault): Blow => {
    return { side, fault, ms: LASTS.shortest + random() * (LASTS.longest - LASTS.shortest) };
  };
  return Array.from({ length: 5 }, () => SIDES.flatMap((side) => FAULTS.map((fault) => one(side, fault)))).flat();
}

/** A network between reader and meter, and between link and broker, that does what networks do. */
export const rig: Rig = {
  name: 'network',
  needs: ['mosquitto'],
  async run(extent: Extent): Promise<RigRow[]> {
    const blows = extent === 'few' ? FEW : many();
    const proxies = new Map<Side, FaultProxy>();
    const between = async (side: Side, port: number): Promise<number> => {
      const proxy = await FaultProxy.open(port);
      proxies.set(side, proxy);
      return proxy.port;
    };
    const site = await Site.open({
      beforeBroker: (port) => between('link', port),
      source: async (port) => `tcp://127.0.0.1:${await between('meter', port)}`,
    });
    const absences: Absence[] = [];
    const slowest = new Map<string, number>();
    try {
      const first = await site.begin();
      const tell = progress('network');
      for (const [i, { side, fault, ms }] of blows.entries()) {
        const proxy = proxies.get(side)!;
        const from = Date.now() - SLACK;
        proxy.set(fault);
        await pause(ms);
        // who is slow is not gone: values come while it lasts
        if (PASSING.has(fault)) await site.delivered(from + SLACK);
        proxy.set('pass');
        const end = Date.now();
        await until(async () => (await site.newest()) > end);
        await site.delivered(end);
        const took = (Date.now() - end) / 1000;
        slowest.set(fault, Math.max(slowest.get(fault) ?? 0, took));
        if (took > RECOVERY) process.stderr.write(`${fault} of the ${side}, ${Math.round(ms)} ms: ${took} s\n`);
        if (side === 'meter' && !PASSING.has(fault)) absences.push({ from, to: Date.now() });
        tell(i + 1, blows.length);
      }
      const verdict = await site.settle(first, absences);
      const name = `network, ${blows.length} faults:`;
      const rows = [
        none(`${name} journalled values that the consumer lacks`, verdict.lost.length),
        none(`${name} rows twice`, verdict.twice.length),
        none(`${name} rows that the meter did not give`, verdict.wrong.length),
        none(`${name} values not read though the line to the meter was up or slow`, verdict.unread.length),
        least(`${name} values given, kept and delivered once`, verdict.good, { target: blows.length, unit: '' }),
      ];
      if (extent === 'few') return rows;
      const timed = [...slowest].map(([fault, s]) =>
        most(`network: from the end of "${fault}" to new values at the consumer`, s, { target: RECOVERY, unit: 's' }),
      );
      return [...rows, ...timed];
    } finally {
      await site.close();
      for (const proxy of proxies.values()) await proxy.close();
    }
  },
};
