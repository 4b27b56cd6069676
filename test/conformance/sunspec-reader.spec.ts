import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import sunspec from '@smx-edge/sunspec';

/** Registers of real and of random devices, served over Modbus TCP as those do: units that are not there are silent. */
const DATA = resolve(__dirname, '../../../shared/data/fronius/modbus');
const given = existsSync(DATA) ? describe : describe.skip;

type Images = Readonly<Record<string, Readonly<Record<string, number>>>>;

function serve(units: Images): Server {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (asked) => {
      const image = units[asked[6]!];
      if (image === undefined) return;
      const [from, count] = [asked.readUInt16BE(8), asked.readUInt16BE(10)];
      const words = Array.from({ length: count }, (_, i) => image[from + i]);
      const pdu = words.some((word) => word === undefined)
        ? [asked[7]! | 0x80, 2]
        : [asked[7]!, 2 * count, ...words.flatMap((word) => [word! >> 8, word! & 0xff])];
      socket.write(Buffer.from([asked[0]!, asked[1]!, 0, 0, 0, pdu.length + 1, asked[6]!, ...pdu]));
    });
  });
}

given('the reader of SunSpec devices', () => {
  let server: Server;
  let harness: Harness;
  afterEach(async () => {
    await harness.stop();
    server.close();
    expect(harness.seen.exceptions).toEqual([]);
  });

  async function read(name: string): Promise<void> {
    server = serve((JSON.parse(readFileSync(join(DATA, `${name}.json`), 'utf8')) as { units: Images }).units);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const source = `modbus://127.0.0.1:${(server.address() as AddressInfo).port}`;
    harness = runExtension(sunspec, { config: { source, names: {}, poll: '200ms', timeout: '1s' } });
    const beats = (): number => harness.seen.batches.length;
    await harness.until(() => harness.seen.statuses.at(-1)?.state === 'ok' && beats() > 5, 30_000);
  }
  const value = (path: string): unknown => harness.seen.values.get(path)?.value;

  it('shows a live Verto and its meter as they stand', async () => {
    await read('verto_live');
    await harness.until(() => value('pcc/power/active') !== undefined && value('pv/power') !== undefined);
    const kinds = [...harness.seen.devices.values()].map(({ name, kind }) => [name, kind]);
    expect(kinds).toEqual(expect.arrayContaining([['inverter', 'inverter'], ['pv', 'pv'], ['battery', 'battery'], ['pcc', 'meter']])); // prettier-ignore
    expect(value('inverter/status')).toBe('mppt');
    // its third tracker has nothing on it, and is no reason to show nothing of the others
    expect(value('pv/power')).toBeLessThan(0);
    expect(value('pv/energy/produced')).toBeGreaterThan(0);
    expect(harness.seen.values.has('pv/mppt3/power')).toBe(false);
    for (const path of ['inverter/voltage/l1', 'pcc/voltage/l1', 'inverter/voltage/l3'])
      expect(Math.abs(Number(value(path)) - 230)).toBeLessThan(25);
  });

  it.each(['sunspec_sim_ig', 'fuzz1', 'fuzz2'])('reads %s without a number that cannot be', async (name) => {
    await read(name);
    for (const sample of harness.seen.values.values())
      if (typeof sample.value === 'number') expect(Number.isFinite(sample.value)).toBe(true);
    expect(harness.seen.refused).toEqual([]);
  });
});
