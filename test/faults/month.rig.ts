import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { startMosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { processMemory } from '../bench/support/process-memory.js';
import { belgianTelegram, P1Gateway } from '../bench/support/telegrams.js';
import { Box } from '../e2e/smxcore-support.js';
import { least, most, none, progress, type Extent, type Rig, type RigRow } from './rig.js';
import { FAKETIME, hurried } from './support/box-clock.js';

const LINKS = 5;
/** Times faster than the wall clock that the box lives: 30 days in three hours. */
const PACE = 240;
const HOUR = 3_600_000 / PACE;
const DAY = 24 * HOUR;
const DAYS = { few: 1, many: 30 } as const;

const names = Array.from({ length: LINKS }, (_, i) => `l${i}`);

/** Acknowledges what comes, as consumers do, and counts it by party. */
function consume(client: MqttClient): Map<string, number> {
  const counts = new Map<string, number>();
  client.on('message', (topic, payload) => {
    const [base, stream] = topic.split('/t/');
    const { e, s } = JSON.parse(payload.toString()) as { e: number; s: number };
    counts.set(base!, (counts.get(base!) ?? 0) + 1);
    client.publish(`${base}/ack/${stream}`, JSON.stringify({ e, s: [[s, s]] }), { qos: 1 });
  });
  return counts;
}

/** A month of a box that runs all the time, in which its memory stays what it was after the first hour. */
export const rig: Rig = {
  name: 'month',
  needs: ['mosquitto', FAKETIME],
  async run(extent: Extent): Promise<RigRow[]> {
    const days = DAYS[extent];
    const broker = await startMosquitto();
    const gateway = await P1Gateway.listen();
    const source = `tcp://127.0.0.1:${gateway.port}`;
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const box = new Box(
      JSON.stringify({
        ...{ site: 'test', data: './var', http: { port: 0 }, broker: { port: 0 }, roles: './roles.yaml' },
        extensions: { p1: { use: 'p1-reader', config: { device: 'pcc', source } } },
        links: Object.fromEntries(names.map((name) => [name, { url, role: 'all' }])),
      }),
      '',
    );
    writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify({ roles: { all: { grants: [{ read: ['#'] }] } } }));
    const client = await connectAsync(url);
    await client.subscribeAsync('smx/1/test/+/t/+', { qos: 1 });
    const counts = consume(client);
    const begun = Date.now();
    let sent = begun;
    const meter = setInterval(() => {
      const now = begun + (Date.now() - begun) * PACE;
      if (now - sent < 1000) return;
      // what was missed in a pause is not made up for, as a meter does not
      sent = Math.max(sent + 1000, now - 1000);
      gateway.send(belgianTelegram(now, 500 + Math.floor(Math.random() * 4000)));
    }, 1);
    try {
      const { core } = await box.core(hurried(PACE));
      const pid = core.child.pid!;
      const lowest = async (ms: number): Promise<number> => {
        let low = Infinity;
        for (const end = performance.now() + ms; performance.now() < end;) {
          low = Math.min(low, processMemory(pid).pss);
          await pause(500);
        }
        return low;
      };
      // the first hour is that of the start
      await pause(HOUR);
      const first = await lowest(HOUR);
      let [last, highest] = [first, first];
      const tell = progress('month, hours');
      for (let hour = 3; hour <= days * 24; hour++) {
        last = await lowest(HOUR);
        highest = Math.max(highest, last);
        tell(hour, days * 24);
      }
      const name = `a box with ${LINKS} links, ${days} days in ${Math.round((days * DAY) / 60_000)} min:`;
      const delivered = names.map((party) => counts.get(`smx/1/test/${party}`) ?? 0);
      return [
        most(`${name} PSS of the core`, highest, { target: 110, unit: 'MB' }),
        most(`${name} its growth after the first hour`, (last / first - 1) * 100, { target: 2, unit: '%' }),
        least(`${name} batches that the slowest party took`, Math.min(...delivered), { target: days * 8000, unit: '' }),
        none(`${name} times that the core ended`, core.child.exitCode === null ? 0 : 1),
      ];
    } finally {
      clearInterval(meter);
      await client.endAsync(true);
      await box.remove();
      gateway.close();
      await broker.remove();
    }
  },
};
