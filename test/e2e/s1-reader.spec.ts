import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { Box, until } from './smxcore-support.js';

/** The reader of the S1 port in a real box, on the virtual house's own waves over a pseudo-terminal, beside its P1 port. */
const ESSENTIALS = 'site: test\ndata: ./var\ntimezone: Europe/Brussels\nhttp: { port: 0 }\nbroker: { port: 0 }\n';

let site: Site;
let box: Box;

beforeEach(() => (box = new Box('', ESSENTIALS)));
afterEach(async () => {
  await box.remove();
  await site.stop();
});

interface Reading {
  readonly path: string;
  readonly value: number;
  readonly quality: string;
}

it('tells the house as its P1 port does, though it counts current the other way round, and keeps the wave of a dip', async () => {
  const pty = join(box.folder, 'tty');
  const meters = [
    { protocol: 'p1', port: 0 },
    { protocol: 's1', name: 's1', pty, inverted: true },
  ];
  site = await startSite(parseSiteConfig({ meters }));
  const p1 = `tcp://127.0.0.1:${site.meters.get('p1')!.address.port}`;
  const made = await box.smx(['token', 'create', '--role', 'owner', '--json']);
  const { token } = JSON.parse(made.out) as { token: string };
  const extensions = {
    p1: { use: 'p1-reader', config: { source: p1 } },
    s1: { use: 's1-reader', config: { source: `serial:${pty}`, 'calibrate-from': 'pcc' } },
  };
  box.write(`${ESSENTIALS}extensions: ${JSON.stringify(extensions)}\n`);
  const { url } = await box.core();
  const get = async <T>(path: string): Promise<T | undefined> => {
    const answer = await fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
    return answer.ok ? ((await answer.json()) as T) : undefined;
  };
  // the direction is found out by the other port
  const power = await until(async () => {
    const point = await get<Reading>('points/s1/power/active');
    return point?.quality === 'good' ? point : undefined;
  });
  const pcc = (await get<Reading>('points/pcc/power/active'))!;
  expect(Math.sign(power.value)).toBe(Math.sign(pcc.value));
  const voltage = (await get<Reading>('points/s1/voltage/l1'))!;
  expect(Math.abs(voltage.value - site.house.grid.voltage[0]!)).toBeLessThan(10);

  expect(control(site, JSON.stringify({ do: 'dip', meter: 's1', to: 60, for: 0.2 }))).toEqual({ ok: true });
  interface Told {
    readonly id: string;
    readonly code: string;
    readonly data: { readonly depth: number; readonly duration: number };
    readonly files: readonly string[];
  }
  const dip = await until(async () =>
    (await get<Told[]>('events?match=s1/%23'))?.find(({ code, data }) => code === 'dip' && data.depth > 0.3),
  );
  expect(Math.abs(dip.data.depth - 0.4)).toBeLessThan(0.05);
  expect(Math.abs(dip.data.duration - 0.2)).toBeLessThan(0.02);
  const file = await fetch(`${url}/api/v1/events/${dip.id}/files/${dip.files[0]!}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const wave = JSON.parse(gunzipSync(Buffer.from(await file.arrayBuffer())).toString()) as {
    voltage: { l1: number[] };
  };
  expect(wave.voltage.l1.length).toBeGreaterThan(1500);

  const { out } = await box.smx(['call', 's1', 'counters']);
  expect(out).toMatch(/frames/);
  const { out: found } = await box.smx(['call', 's1', 'phasors', '--json']);
  expect(JSON.parse(found)).toMatchObject({ voltage: { l1: { angle: 0 } } });
}, 180_000);
