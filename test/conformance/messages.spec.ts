import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import { connectAsync, type MqttClient } from 'mqtt';
import { cuttable, type FakeBroker } from '../../libs/northbound/test-support/fake-broker.js';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Box, until, type Running } from '../e2e/smxcore-support.js';

interface Golden {
  readonly valid: readonly unknown[];
  readonly invalid: readonly { readonly why: string; readonly message: unknown }[];
}

interface Kind {
  readonly schema: string;
  readonly golden: string;
  readonly topic?: string;
  readonly direction?: 'up' | 'down';
}

interface Operation {
  readonly requestBody?: { content: { 'application/json': { schema: { $ref: string } } } };
  readonly responses: Readonly<Record<string, { content?: { 'application/json'?: { schema: Shape } } }>>;
}
interface Shape {
  readonly $ref?: string;
  readonly type?: string;
  readonly items?: Shape;
}

/** The schema with every object closed: a member that it does not name is a fault. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, closed(part)]));
  return 'properties' in parts && !('additionalProperties' in parts)
    ? { ...parts, additionalProperties: false }
    : parts;
}

const base = 'smx/1/test';
const bodyOf = (ref: string): string => ref.split('/').at(-1)!;

describe('schemas and golden messages, as a stranger meets them', () => {
  const box = new Box();
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  const golden = new Map<string, Golden>();
  const strict = new Map<string, ValidateFunction>();
  const open = new Map<string, ValidateFunction>();
  /** Payloads by the kind they are of, as they came. */
  const seen = new Map<string, string[]>();
  let index: { protocol: string; mqtt: Record<string, Kind>; http: Record<string, Kind> };
  let broker: Mosquitto;
  let proxy: FakeBroker;
  let core: Running;
  let url: string;
  let secret: string;
  const clients: MqttClient[] = [];

  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    });
  const json = async (path: string): Promise<unknown> => (await ask(path)).json();

  /** What is wrong with a message of the box; nothing where it is as its schema says, without members that it does not name. */
  const faults = (kind: string, message: unknown): string | undefined => {
    const check = strict.get(kind);
    if (check === undefined) return `${kind} has no schema`;
    return check(message) ? undefined : `${kind} ${JSON.stringify(message)}: ${ajv.errorsText(check.errors)}`;
  };

  function listen(client: MqttClient, party: string): Promise<unknown> {
    clients.push(client);
    client.on('message', (topic, payload) => {
      const rest = topic.slice(`${base}/${party}/`.length);
      const text = payload.toString();
      const kind = rest.startsWith('t/') ? (text.includes('"gap":') ? 'gap' : rest.slice(2)) : rest;
      seen.set(kind, [...(seen.get(kind) ?? []), text]);
    });
    return client.subscribeAsync(`${base}/${party}/#`, { qos: 1 });
  }

  beforeAll(async () => {
    broker = await startMosquitto();
    // MQTT 3.1.1, where the last will comes without delay
    proxy = await cuttable(broker.port, 4);
    box.write(
      `${readFileSync(box.config, 'utf8')}roles: ./roles.yaml\nextensions:\n  virtual: { use: virtual-device, config: {} }\n` +
        `links:\n  gesscon: { url: "mqtt://127.0.0.1:${proxy.port}", role: all, now: 100ms, batch: 1s }\n`,
    );
    writeFileSync(
      join(box.folder, 'roles.yaml'),
      'roles:\n  all: { grants: [{ read: ["#"] }, { history: ["#"] }, { events: ["#"] }, { command: ["+/power/setpoint"], between: [-1000, 1000], lease: 15m }] }\n',
    );
    await listen(await connectAsync(`mqtt://127.0.0.1:${broker.port}`), 'gesscon');
    const started = await box.core();
    ({ core, url } = started);
    secret = readFileSync(join(box.folder, 'var/secret'), 'utf8').trim();
    const made = await box.smx(['token', 'create', '--role', 'all', '--name', 'agent', '--json']);
    const { token } = JSON.parse(made.out) as { token: string };
    await listen(
      await connectAsync(`mqtt://127.0.0.1:${started.broker!.port}`, { username: 'agent', password: token }),
      'agent',
    );
    index = (await json('/api/schemas/')) as typeof index;
    for (const [group, kinds] of [
      ['mqtt', index.mqtt],
      ['http', index.http],
    ] as const)
      for (const [name, { schema, golden: messages }] of Object.entries(kinds)) {
        const answer = await ask(schema);
        expect([schema, answer.status]).toEqual([schema, 200]);
        const text = (await answer.json()) as { $id: string };
        open.set(`${group}/${name}`, ajv.compile(text));
        strict.set(`${group}/${name}`, ajv.compile({ ...(closed(text) as object), $id: `${text.$id}:closed` }));
        const examples = await ask(messages);
        // a schema without golden messages: add NAME.json to libs/northbound/golden or apps/smxcore/golden
        expect([messages, examples.status]).toEqual([messages, 200]);
        golden.set(`${group}/${name}`, (await examples.json()) as Golden);
      }
  }, 60_000);

  afterAll(async () => {
    for (const client of clients) await client.endAsync(true);
    await box.remove();
    await proxy.close();
    await broker.remove();
  });

  it('are there for every payload of the contract, behind the login like the rest', async () => {
    expect(index.protocol).toBe('smx/1');
    expect(Object.keys(index.mqtt).sort()).toEqual([
      'ack',
      'cat',
      'cmd',
      'event',
      'gap',
      'hb',
      'inst',
      'now',
      'profile',
      'req',
      'res',
      'rsp',
      'schedule',
      'state',
    ]);
    for (const path of ['/api/schemas/', '/api/schemas', index.mqtt['now']!.schema])
      expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 401]);
    for (const path of [
      '/api/schemas/mqtt/none.schema.json',
      '/api/schemas/mqtt/..%2f..%2fopenapi.json',
      '/api/schemas/x/now.schema.json',
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
  });

  it('golden messages are what their schema says, and the others are not', () => {
    for (const [name, { valid, invalid }] of golden) {
      expect([name, valid.length > 0, invalid.length > 0]).toEqual([name, true, true]);
      for (const message of valid) expect(faults(name, message)).toBeUndefined();
      for (const { why, message } of invalid) expect([name, why, open.get(name)!(message)]).toEqual([name, why, false]);
    }
  });

  it('what a party may send is understood as it stands there, and what is wrong is refused', async () => {
    const [outside] = clients;
    type Answer = Record<string, unknown>;
    /** The first answer of its id that is `wanted`: later stages of commands before it may still come. */
    const answersTo = async (
      message: unknown,
      { kind, answer, wanted = () => true }: { kind: string; answer: string; wanted?: (one: Answer) => boolean },
    ): Promise<Answer> => {
      const before = seen.get(answer)?.length ?? 0;
      const { id } = message as { id?: unknown };
      const found = (): Answer | undefined =>
        (seen.get(answer) ?? [])
          .slice(before)
          .map((text) => JSON.parse(text) as Answer)
          .find((one) => (typeof id !== 'string' || one['id'] === id) && wanted(one));
      await outside!.publishAsync(`${base}/gesscon/${kind}`, JSON.stringify(message), { qos: 1 });
      await until(() => found() !== undefined);
      return found()!;
    };
    for (const [kind, answer] of [
      ['cmd', 'rsp'],
      ['schedule', 'rsp'],
      ['req', 'res'],
    ] as const) {
      const { valid, invalid } = golden.get(`mqtt/${kind}`)!;
      // 10 at once, then one a second: a few of each
      for (const message of valid.slice(0, kind === 'req' ? 5 : 2)) {
        const { code, error } = await answersTo(message, { kind, answer });
        expect([kind, message, code ?? (error as { code?: string } | undefined)?.code]).not.toEqual([
          kind,
          message,
          'SMX_MESSAGE_MALFORMED',
        ]);
      }
      const { message } = invalid[0]!;
      await answersTo(message, { kind, answer, wanted: (one) => one['state'] === 'refused' || 'error' in one });
    }
    // no answer is due to these; the box must stand as it stood
    for (const kind of ['hb', 'ack/inst'])
      for (const message of golden.get(`mqtt/${kind.split('/')[0]!}`)!.valid)
        await outside!.publishAsync(`${base}/gesscon/${kind}`, JSON.stringify(message), { qos: 1 });
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  }, 60_000);

  it('bodies of HTTP are taken as they stand there, and what is wrong is a bad request', async () => {
    const { paths } = (await json('/api/openapi.json')) as { paths: Record<string, Record<string, Operation>> };
    const names: string[] = [];
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { requestBody }] of Object.entries(methods)) {
        if (requestBody === undefined) continue;
        const name = bodyOf(requestBody.content['application/json'].schema.$ref);
        const messages = golden.get(`http/${name}`);
        if (messages === undefined) continue;
        names.push(name);
        const send = async (body: unknown): Promise<number> => {
          const to = path.replace('{name}', 'golden-user');
          const { status, body: answer } = await ask(to, { method: method.toUpperCase(), body: JSON.stringify(body) });
          await answer?.cancel();
          return status;
        };
        for (const message of messages.valid)
          expect([name, message, await send(message)]).not.toEqual([name, message, 400]);
        for (const { why, message } of messages.invalid)
          expect([name, why, await send(message)]).toEqual([name, why, 400]);
      }
    expect(names).toEqual(expect.arrayContaining(['DiscoverWish', 'Login', 'Password', 'TokenWish', 'UserWish']));
  });

  it('every answer of the API is what its schema says', async () => {
    const { paths } = (await json('/api/openapi.json')) as { paths: Record<string, Record<string, Operation>> };
    const told = new Set<string>();
    for (const [path, { get }] of Object.entries(paths)) {
      const shape = get?.responses['200']?.content?.['application/json']?.schema;
      const name = bodyOf(shape?.$ref ?? shape?.items?.$ref ?? 'Any');
      const to = path.replace('{path}', 'box/cpu/load').replace('{role}', 'all');
      if (name === 'Any' || to.includes('{')) continue;
      const answer = await json(to);
      for (const one of shape?.type === 'array' ? (answer as unknown[]) : [answer]) {
        told.add(name);
        expect(faults(`http/${name}`, one)).toBeUndefined();
      }
    }
    for (const path of ['/api/v1/points/none', '/api/v1/points?match=%23%23', '/nowhere'])
      expect(faults('http/Problem', await json(path))).toBeUndefined();
    expect([...told]).toEqual(
      expect.arrayContaining([
        'Point',
        'Device',
        'History',
        'Instance',
        'Link',
        'TokenRow',
        'Session',
        'Grants',
        'LedgerEntry',
        'Health',
      ]),
    );
  });

  it('every message that the box sends is what its schema says: at both brokers, and as last will', async () => {
    await until(() =>
      ['state', 'cat', 'now', 'inst', 'event', 'rsp', 'res'].every((kind) => (seen.get(kind)?.length ?? 0) > 1),
    );
    core.child.kill('SIGKILL');
    await until(() => seen.get('state')!.some((text) => text.includes('"lost"')));
    const states = new Set<string>();
    for (const [kind, texts] of seen) {
      // what was published to the box comes from the broker too, to who listens to all
      if (index.mqtt[kind.split('/')[0]!]?.direction === 'down') continue;
      for (const text of texts) {
        if (text === '') continue;
        const message = JSON.parse(text) as { s?: string };
        expect(faults(`mqtt/${kind}`, message)).toBeUndefined();
        if (kind === 'state') states.add(message.s!);
      }
    }
    expect([...states].sort()).toEqual(['lost', 'online']);
  });
});
