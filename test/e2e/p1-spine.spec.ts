import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Gate } from '@smx-edge/access';
import { Store } from '@smx-edge/datastore';
import { ExtensionHost } from '@smx-edge/extension-host';
import { silentLog, systemClock, Zone, type HistoryRow } from '@smx-edge/model';
import { P1Decoder } from '@smx-edge/protocols/p1';
import { startP1Site, type P1Site } from '@smx-edge/site-simulator';

/** Virtual meter on TCP or a pty, the bundled reader in its own process, the real host, gate and store. */
const EXTENSIONS = resolve(__dirname, '../../extensions');
const ZONE = new Zone('Europe/Brussels');
const hasSocat = spawnSync('socat', ['-V']).status === 0;

async function until<T>(condition: () => T | Promise<T>, ms = 60_000): Promise<NonNullable<T>> {
  for (const end = Date.now() + ms; ;) {
    const value = await condition();
    if (value !== undefined && value !== null && value !== false) return value;
    if (Date.now() > end) throw new RangeError(`did not come about: ${condition.toString()}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** What the meter sent, by its own time, seen by a client beside the reader. */
class Witness {
  readonly sent = new Map<number, Record<string, unknown>>();
  readonly bytes: Buffer[] = [];
  private readonly socket: Socket;

  constructor(site: P1Site) {
    const decoder = new P1Decoder({
      onTelegram: (telegram) => {
        const paths = ['power/active', 'energy/active/import', 'voltage/l2', 'peak/quarter'];
        this.sent.set(telegram.time, Object.fromEntries(paths.map((path) => [path, telegram.get(path)])));
      },
    });
    this.socket = connect(site.address);
    this.socket.on('error', () => {});
    this.socket.on('data', (bytes: Buffer) => {
      this.bytes.push(bytes);
      decoder.push(bytes);
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

describe('from the meter to the store', () => {
  let dir: string;
  let store: Store;
  let gate: Gate;
  let host: ExtensionHost;
  let site: P1Site;
  let witness: Witness;

  const reading = (path: string) => {
    const handle = store.live.handleOf(path);
    return handle === undefined ? undefined : store.live.reading(handle);
  };
  const status = () => host.list()[0]!;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'smx-p1-'));
    store = await Store.open({ dir: join(dir, 'data'), clock: systemClock, zone: ZONE, log: silentLog, flush: 500, budget: 1e8, raw: 864e5 }); // prettier-ignore
    gate = new Gate({
      live: store.live,
      clock: systemClock,
      zone: ZONE,
      history: store,
      ledger: store,
      log: silentLog,
    });
    host = new ExtensionHost({ live: store.live, gate, store, clock: systemClock, log: silentLog, folders: [EXTENSIONS], runDir: join(dir, 'run'), site: 'spine', zone: ZONE.name }); // prettier-ignore
    site = await startP1Site({ host: '127.0.0.1', port: 0 });
    witness = new Witness(site);
  });

  afterAll(async () => {
    witness.close();
    await host.stop();
    await site.stop();
    gate.close();
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('finds the meter before anything is configured', async () => {
    const source = `tcp://127.0.0.1:${site.address.port}`;
    const tested = await host.test('p1-reader', { source });
    expect(tested).toMatchObject({ ok: true, text: expect.stringMatching(/eMUCS 50217, with gas/) });
    const found: unknown[] = [];
    expect(
      await host.discover('p1-reader', source, {
        onStep: (step) => {
          if (step.found !== undefined) found.push(step.found);
        },
      }),
    ).toBe(true);
    expect(found).toMatchObject([{ config: { device: 'pcc', source } }]);
  });

  it('brings every telegram into live table and history, exactly as the meter sent it', async () => {
    const source = `tcp://127.0.0.1:${site.address.port}`;
    await host.start({ p1: { use: 'p1-reader', control: false, config: { device: 'pcc', source } } });
    await until(() => reading('pcc/power/active')?.value !== undefined && reading('gas/volume')?.value);
    const seen = new Map<number, Record<string, unknown>>();
    const paths = ['power/active', 'energy/active/import', 'voltage/l2', 'peak/quarter'];
    const subscription = store.live.subscribe(() => {
      const t = reading('pcc/power/active')!.t;
      seen.set(t, Object.fromEntries(paths.map((path) => [path, reading(`pcc/${path}`)!.value])));
    });
    await until(() => seen.size >= 4);
    subscription.dispose();
    for (const [t, values] of seen) expect([t, values]).toEqual([t, witness.sent.get(t)]);
    expect(store.live.definition(store.live.handleOf('pcc/energy/active/import')!)).toMatchObject({ unit: 'Wh', kind: 'counter', instance: 'p1', maxAge: 10_000 }); // prettier-ignore
    expect(reading('gas/volume')!.value).toBe(site.house.gas.captured.litres / 1000);
    const [from, ...later] = [...seen.keys()];
    const rows = await until(async (): Promise<HistoryRow[] | undefined> => {
      const all: HistoryRow[] = [];
      const query = { handle: store.live.handleOf('pcc/power/active')!, from: from!, to: later.at(-1)! };
      for await (const chunk of store.history(query)) all.push(...chunk);
      return all.length === later.length ? all : undefined;
    });
    expect(rows.map(([t, value]) => [t, value])).toEqual(later.map((t) => [t, witness.sent.get(t)!['power/active']]));
    expect(status()).toMatchObject({
      state: 'running',
      status: { state: 'ok' },
      counters: { rejected: 0, exceptions: 0 },
    });
    expect(await host.call('p1', 'counters', {})).toMatchObject({ bad: 0, absent: 0 });
    expect(await host.call('p1', 'peaks', {})).toHaveLength(site.house.meter.monthPeak.at === 0 ? 13 : 14);
  });

  it('goes on after its process was killed, with nothing told twice', async () => {
    await store.flush();
    const { pid, restarts } = status();
    process.kill(pid!, 'SIGKILL');
    await until(() => status().restarts > restarts && status().state === 'running');
    const from = Date.now();
    await until(() => (reading('pcc/power/active')?.t ?? 0) > from && reading('pcc/power/active')?.quality === 0);
    expect(reading('pcc/peak/quarter')).toMatchObject({ quality: 0 });
    const codes = (await store.events({})).map(({ code, path }) => `${path} ${code}`);
    expect(codes.filter((code) => code.startsWith('gas '))).toEqual([]);
    expect(codes.filter((code) => /message|power-failure|breaker|register|replaced/.test(code))).toEqual([]);
  });

  it('turns stale when the meter falls silent, and says why', async () => {
    await site.stop();
    await until(() => reading('pcc/power/active')?.quality === 2, 30_000);
    const told = await until(async () => (await store.events({})).find(({ code }) => code === 'p1-no-bytes'), 45_000);
    expect(told).toMatchObject({ state: 'raised', path: 'pcc' });
    expect([...store.live.devices()].find(({ name }) => name === 'pcc')).toMatchObject({ online: false });
    expect(status().status).toMatchObject({ state: 'error' });
  }, 90_000);

  (hasSocat ? it : it.skip)(
    'reads the same meter on a serial line whose speed the source does not name',
    async () => {
      await host.stop();
      const [ours, theirs] = [join(dir, 'a'), join(dir, 'b')];
      const pty: ChildProcess = spawn('socat', [`pty,raw,echo=0,link=${ours}`, `pty,raw,echo=0,link=${theirs}`]);
      pty.on('error', () => {});
      try {
        await until(() => existsSync(ours) && existsSync(theirs));
        host = new ExtensionHost({ live: store.live, gate, store, clock: systemClock, log: silentLog, folders: [EXTENSIONS], runDir: join(dir, 'run'), site: 'spine', zone: ZONE.name }); // prettier-ignore
        const again = await startP1Site({ host: '127.0.0.1', port: 0 });
        const cable = spawn('socat', [`tcp:127.0.0.1:${again.address.port}`, `file:${ours},raw,echo=0`]);
        cable.on('error', () => {});
        try {
          await host.start({
            p1: { use: 'p1-reader', control: false, config: { device: 'pcc', source: `serial:${theirs}` } },
          });
          const from = Date.now();
          await until(() => (reading('pcc/power/active')?.t ?? 0) > from && reading('pcc/power/active')?.quality === 0);
          expect(status().lines).toMatchObject([{ status: 'ok' }]);
        } finally {
          cable.kill();
          await again.stop();
        }
      } finally {
        pty.kill();
      }
    },
    60_000,
  );
});
