import { execFile, spawn, spawnSync } from 'node:child_process';
import { connectAsync, type MqttClient } from 'mqtt';
import { Gate, parseRoles, Principals } from '@smx-edge/access';
import { LiveTable } from '@smx-edge/datastore';
import { SampleBatch, silentLog, systemClock, Zone, type NewLedgerEntry, type PrincipalRecord } from '@smx-edge/model';
import { LocalBroker } from '@smx-edge/northbound';

/** Live table, gate, principals and local broker as the core wires them, over real sockets. */
class House {
  readonly live = new LiveTable({ clock: systemClock });
  readonly ledger: NewLedgerEntry[] = [];
  readonly gate: Gate;
  readonly principals: Principals;
  readonly broker: LocalBroker;
  readonly clients: MqttClient[] = [];
  private readonly batch = new SampleBatch();

  constructor(roles: unknown) {
    const ledger = { append: (entry: NewLedgerEntry) => void this.ledger.push(entry) };
    const history = {
      async *history(): AsyncGenerator<never[]> {
        yield* [];
      },
    };
    const common = { clock: systemClock, ledger };
    this.gate = new Gate({ ...common, live: this.live, zone: new Zone('Europe/Rome'), history, log: silentLog });
    let known = parseRoles(roles);
    this.gate.setRoles(known);
    this.setRoles = (next) => {
      known = parseRoles(next);
      this.gate.setRoles(known);
    };
    const records = new Map<string, PrincipalRecord>();
    this.principals = new Principals({
      ...common,
      store: {
        principals: () => [...records.values()],
        putPrincipal: async (record) => void records.set(record.name, record),
        removePrincipal: async (name) => void records.delete(name),
      },
      roles: () => known,
      reserved: () => [],
    });
    this.principals.onChange((kind, record) => {
      if (kind === 'added') this.gate.putPrincipal(record);
      else this.gate.removePrincipal(record.name);
    });
    this.broker = new LocalBroker({
      ...{ host: '127.0.0.1', port: 0, site: 'house', version: '1', epoch: 1, log: silentLog },
      clockState: () => 'ok',
      ...{ ...common, gate: this.gate, principals: this.principals, live: this.live },
    });
  }

  readonly setRoles: (roles: unknown) => void;

  declare(path: string): number {
    const device = path.split('/')[0]!;
    return this.live.declare({
      path,
      device,
      instance: 'test',
      unit: 'W',
      type: 'number',
      kind: 'measurement',
      maxAge: 0,
    });
  }

  set(values: Readonly<Record<string, number>>): void {
    this.batch.clear(Date.now());
    for (const [path, value] of Object.entries(values)) {
      const i = this.batch.add(this.live.handleOf(path)!);
      this.batch.number[i] = value;
    }
    this.live.ingest(this.batch);
  }

  /** A client of a new token of `role`; what it received by topic tail. */
  async client(role: string): Promise<{ client: MqttClient; got: [topic: string, payload: string][]; token: string }> {
    const { token, record } = await this.principals.createToken({ role });
    const client = await connectAsync(`mqtt://127.0.0.1:${this.broker.address.port}`, {
      ...{ username: record.name, password: token, reconnectPeriod: 0 },
    });
    this.clients.push(client);
    client.on('error', () => undefined);
    const got: [string, string][] = [];
    client.on('message', (topic, payload) => got.push([topic, payload.toString()]));
    await client.subscribeAsync('#', { qos: 1 });
    return { client, got, token };
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.end(true);
    await this.broker.stop();
    this.principals.close();
    this.gate.close();
    this.live.close();
  }
}

async function until(check: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!check()) {
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const values = (got: readonly [string, string][]): Record<string, unknown>[] =>
  got
    .filter(([topic, payload]) => topic.endsWith('/now') && payload !== '')
    .map(([, payload]) => (JSON.parse(payload) as { v: Record<string, unknown> }).v);

let house: House;

afterEach(() => house.close());

describe('live table, gate and local broker', () => {
  it('carry a change to exactly who is granted it', async () => {
    house = new House({
      roles: {
        dso: { grants: [{ read: ['pcc/voltage/+'] }] },
        esco: { grants: [{ read: ['pcc/power/#', 'battery/soc'] }] },
        nobody: { grants: [] },
      },
    });
    await house.broker.start();
    for (const path of ['pcc/voltage/l1', 'pcc/power/active', 'battery/soc', 'pcc/message']) house.declare(path);
    const [dso, esco, nobody] = await Promise.all(['dso', 'esco', 'nobody'].map((role) => house.client(role)));
    house.set({ 'pcc/voltage/l1': 231, 'pcc/power/active': -812.5, 'battery/soc': 55, 'pcc/message': 7 });
    await until(() => values(dso!.got).at(-1)?.['pcc/voltage/l1'] === 231, 'the voltage');
    await until(() => values(esco!.got).at(-1)?.['battery/soc'] === 55, 'the state of charge');
    expect(values(dso!.got).at(-1)).toEqual({ 'pcc/voltage/l1': 231 });
    expect(values(esco!.got).at(-1)).toEqual({ 'pcc/power/active': -812.5, 'battery/soc': 55 });
    expect(nobody!.got.map(([topic]) => topic)).toEqual(['smx/1/house/nobody/state', 'smx/1/house/nobody/cat']);
    for (const { got } of [dso!, esco!, nobody!]) expect(JSON.stringify(got)).not.toContain('message');
  });

  it('show the granted form only: closed windows, never a raw value', async () => {
    house = new House({ roles: { esco: { grants: [{ read: ['#'], every: '1s', as: 'mean' }] } } });
    await house.broker.start();
    house.declare('pcc/power/active');
    const { got } = await house.client('esco');
    const end = Date.now() + 3200;
    while (Date.now() < end) {
      // always in pairs, so that no window holds one of them only, however busy the machine
      for (const value of [1_000_000, -1_000_000]) house.set({ 'pcc/power/active': value });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await until(() => values(got).some((v) => typeof v['pcc/power/active'] === 'number'), 'a window');
    const seen = values(got).map((v) => v['pcc/power/active']);
    for (const value of seen) expect(Math.abs(Number(value))).toBeLessThan(900_000);
    // about one message per window, however many samples
    expect(seen.length).toBeLessThan(12);
    const cat = got.find(([topic]) => topic.endsWith('/cat'))![1];
    expect(JSON.parse(cat)).toMatchObject({ points: [{ path: 'pcc/power/active', every: 1000, as: 'mean' }] });
  });

  it('stop at the time a grant ends, without any traffic', async () => {
    const soon = new Date(Date.now() + 3000).toISOString();
    house = new House({ roles: { esco: { grants: [{ read: ['#'], until: soon }] } } });
    await house.broker.start();
    house.declare('pcc/power/active');
    house.set({ 'pcc/power/active': 1 });
    const { got } = await house.client('esco');
    await until(() => values(got).length > 0, 'now while granted');
    await until(
      () => got.at(-1)?.[0].endsWith('/cat') === true && got.at(-1)![1].includes('"points":[]'),
      'no point left',
    );
    expect(got.filter(([topic]) => topic.endsWith('/now')).at(-1)?.[1]).toBe('');
    house.set({ 'pcc/power/active': 4711 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(JSON.stringify(got)).not.toContain('4711');
  });

  it('take everything from a party whose role is gone, and end one that is revoked', async () => {
    house = new House({ roles: { esco: { grants: [{ read: ['#'] }] }, dso: { grants: [{ read: ['#'] }] } } });
    await house.broker.start();
    house.declare('pcc/power/active');
    const esco = await house.client('esco');
    const dso = await house.client('dso');
    await until(() => esco.got.length >= 3 && dso.got.length >= 3, 'both trees');
    house.setRoles({ roles: { dso: { grants: [{ read: ['#'] }] } } });
    house.set({ 'pcc/power/active': 4711 });
    await until(() => values(dso.got).at(-1)?.['pcc/power/active'] === 4711, 'the change at the other party');
    await until(() => esco.got.some(([topic, payload]) => topic.endsWith('/now') && payload === ''), 'now emptied');
    expect(JSON.stringify(esco.got)).not.toContain('4711');
    await house.principals.revoke('dso');
    await until(() => !dso.client.connected, 'the revoked client ended');
    expect(dso.got.slice(-3).map(([, payload]) => payload)).toEqual(['', '', '']);
    await expect(
      connectAsync(`mqtt://127.0.0.1:${house.broker.address.port}`, {
        username: 'dso',
        password: dso.token,
        reconnectPeriod: 0,
      }),
    ).rejects.toThrow();
  });

  const mosquitto = spawnSync('mosquitto_sub', ['--help']).error === undefined;
  (mosquitto ? it : it.skip)('serve the clients of Mosquitto', async () => {
    house = new House({ roles: { esco: { grants: [{ read: ['#'] }] } } });
    await house.broker.start();
    house.declare('pcc/power/active');
    const { token } = await house.principals.createToken({ role: 'esco' });
    const login = ['-h', '127.0.0.1', '-p', String(house.broker.address.port), '-u', 'esco', '-P', token];
    const lines: string[] = [];
    const sub = spawn('mosquitto_sub', [...login, '-q', '2', '-t', '#', '-v', '-C', '5']);
    sub.stdout.on('data', (data: Buffer) => lines.push(...data.toString().trim().split('\n')));
    await until(() => lines.length === 3, 'the tree');
    house.set({ 'pcc/power/active': 5 });
    await until(() => lines.length === 4, 'a change');
    const ended = new Promise((resolve) => sub.once('exit', resolve));
    execFile('mosquitto_pub', [...login, '-q', '1', '-t', 'smx/1/house/esco/cmd', '-m', '{"id":"c1"}']);
    expect(await ended).toBe(0);
    expect(lines.map((line) => line.split(' ')[0]!.split('/').at(-1))).toEqual(['state', 'cat', 'now', 'now', 'cmd']);
  });
});

describe('devices that speak MQTT, by the roles file', () => {
  const ROLES = {
    roles: {
      er: { mqtt: { publish: ['/ER/SMX/#'], subscribe: ['/PROFESS/SMX/+/ref'] } },
      reader: { mqtt: { publish: ['/PROFESS/SMX/#'], subscribe: ['/ER/SMX/#'] } },
      late: { mqtt: { subscribe: ['/ER/SMX/#', '/PROFESS/#', 'other/#'] } },
      other: { mqtt: { publish: ['other/#'], subscribe: ['other/#'] } },
      esco: { grants: [{ read: ['#'] }] },
    },
  };
  const SOC = '/ER/SMX/bat/soc';
  const REF = '/PROFESS/SMX/bat/ref';
  const ofDevices = (got: readonly [string, string][]): [string, string][] =>
    got.filter(([topic]) => !topic.startsWith('smx/'));

  it('lets nothing past the filters: publish, retained, will and subscription', async () => {
    house = new House(ROLES);
    await house.broker.start();
    const er = await house.client('er');
    const reader = await house.client('reader');
    const others = [await house.client('other'), await house.client('esco')];
    const trees = ['reader', 'esco', 'er'].map((party) => `smx/1/house/${party}/now`);
    for (const topic of ['/ER', '/ER/SMX2/x', 'ER/SMX/x', REF, 'other/x', 'smx', '$SYS/x', ...trees])
      for (const retain of [false, true]) await er.client.publishAsync(topic, 'forged', { qos: 1, retain });
    const refused = ['/ER/SMX/#', '/PROFESS/#', '/PROFESS/SMX/#', '/PROFESS/SMX/+/other', '+/+/SMX/+/ref', '$SYS/#'];
    for (const filter of [...refused, 'smx/1/house/reader/#'])
      await expect(er.client.subscribeAsync(filter, { qos: 1 })).rejects.toThrow();
    for (const [i, topic] of [REF, trees[1]!].entries()) {
      const { token, record } = await house.principals.createToken({ role: 'er', name: `will-${i}` });
      const lost = await connectAsync(`mqtt://127.0.0.1:${house.broker.address.port}`, {
        ...{ username: record.name, password: token, reconnectPeriod: 0 },
        will: { topic, payload: Buffer.from('forged'), qos: 1, retain: true },
      });
      lost.on('error', () => undefined);
      const before = house.broker.status().denied;
      lost.stream.destroy();
      await until(() => house.broker.status().denied > before, 'the will denied');
    }
    await er.client.publishAsync(SOC, '50', { qos: 1 });
    await reader.client.publishAsync(REF, '700', { qos: 1 });
    await until(() => ofDevices(reader.got).length > 0 && ofDevices(er.got).length > 0, 'what is granted');
    expect([er.got, reader.got].map(ofDevices)).toEqual([[[REF, '700']], [[SOC, '50']]]);
    for (const { got } of others) expect(ofDevices(got)).toEqual([]);
    for (const { got } of [er, reader, ...others]) expect(got.map(([, payload]) => payload)).not.toContain('forged');
    const late = await house.client('late');
    await reader.client.publishAsync(REF, '701', { qos: 1 });
    await until(() => ofDevices(late.got).length > 0, 'a message behind what would be retained');
    expect(ofDevices(late.got)).toEqual([[REF, '701']]);
  });

  it('ends with the role: what it left is not given any more', async () => {
    house = new House(ROLES);
    await house.broker.start();
    const er = await house.client('er');
    const reader = await house.client('reader');
    await er.client.publishAsync(SOC, '50', { qos: 1, retain: true });
    await until(() => ofDevices(reader.got).length === 1, 'the value');
    house.setRoles({ roles: { ...ROLES.roles, er: {}, reader: {} } });
    await er.client.publishAsync(SOC, '51', { qos: 1 });
    house.setRoles(ROLES);
    await er.client.publishAsync(SOC, '52', { qos: 1 });
    await until(() => ofDevices(reader.got).length === 2, 'the value of the role that came back');
    expect(ofDevices(reader.got).map(([, payload]) => payload)).toEqual(['50', '52']);
  });
});
