import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { Box, stop, until } from './smxcore-support.js';

/** A charge point that a whole box sees, limits and injects into, and a back end that does not notice. */
const ROLES = {
  limiter: { grants: [{ call: ['ocpp/inject'] }] },
  mechanic: { grants: [{ call: ['ocpp/inject/Reset'] }] },
};
const CONFIGURATION = { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', value: '3' }, { key: 'NumberOfConnectors', value: '1' }] }; // prettier-ignore

type Payload = Record<string, unknown>;
interface Profile {
  readonly chargingProfileId: number;
  readonly stackLevel: number;
  readonly chargingSchedule: object;
}

/** A station of 1.6 with profiles. */
class Station {
  readonly profiles = new Map<number, Profile>();
  readonly got: string[] = [];
  private sent = 0;

  constructor(private readonly ws: WebSocket) {
    ws.on('message', (data) => {
      const [type, id, action, payload] = JSON.parse((data as Buffer).toString()) as [number, string, string, Payload];
      if (type !== 2) return;
      this.got.push(action);
      ws.send(JSON.stringify([3, id, this.answer(action, payload)]));
    });
  }

  say(action: string, payload: object): void {
    this.ws.send(JSON.stringify([2, `m${++this.sent}`, action, payload]));
  }

  private answer(action: string, payload: Payload): object {
    switch (action) {
      case 'GetConfiguration':
        return CONFIGURATION;
      case 'SetChargingProfile': {
        const profile = payload['csChargingProfiles'] as Profile;
        this.profiles.set(profile.chargingProfileId, profile);
        return { status: 'Accepted' };
      }
      case 'ClearChargingProfile':
        return { status: this.profiles.delete(payload['id'] as number) ? 'Accepted' : 'Unknown' };
      case 'GetCompositeSchedule': {
        const [highest] = [...this.profiles.values()].sort((one, other) => other.stackLevel - one.stackLevel);
        return highest ? { status: 'Accepted', connectorId: 1, chargingSchedule: highest.chargingSchedule } : { status: 'Rejected' }; // prettier-ignore
      }
      default:
        return { status: 'Accepted' };
    }
  }
}

let box: Box;
let backEnd: WebSocketServer;
/** All that the back end got. */
let record: string[];

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function dial(address: string): Promise<Station> {
  return until(async () => {
    const ws = new WebSocket(address, ['ocpp1.6']);
    const station = new Station(ws);
    const isOpen = await new Promise((resolve) => ws.once('open', () => resolve(true)).once('error', () => resolve(false))); // prettier-ignore
    return isOpen === true ? station : undefined;
  });
}

const read = async (path: string): Promise<unknown> => {
  const { status, out } = await box.smx(['read', path, '--json']);
  return status === 0 ? (JSON.parse(out) as { value: unknown }[])[0]?.value : undefined;
};

const tokenOf = async (role: string): Promise<string> => {
  const { out } = await box.smx(['token', 'create', '--role', role, '--json']);
  return (JSON.parse(out) as { token: string }).token;
};

beforeEach(async () => {
  record = [];
  backEnd = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => backEnd.once('listening', resolve));
  backEnd.on('connection', (ws) =>
    ws.on('message', (data) => {
      const text = (data as Buffer).toString();
      record.push(text);
      const [type, id] = JSON.parse(text) as [number, string];
      if (type === 2) ws.send(JSON.stringify([3, id, { transactionId: 7, idTagInfo: { status: 'Accepted' } }]));
    }),
  );
});

afterEach(async () => {
  for (const ws of backEnd.clients) ws.terminate();
  backEnd.close();
  await box.remove();
});

it('shows, limits and injects into a charge point, and its back end has no trace of it', async () => {
  const port = await freePort();
  const address = `ws://127.0.0.1:${port}/ocpp`;
  box = new Box(
    `roles: roles.json\nextensions:\n  ocpp:\n    use: ocpp-proxy\n    control: on\n    config: { listen: "${address}", backend: "ws://127.0.0.1:${portOf(backEnd)}", stations: { CP1: {} } }\n`,
  );
  writeFileSync(join(box.folder, 'roles.json'), JSON.stringify({ roles: ROLES }));
  const { core, url } = await box.core();
  const station = await dial(`${address}/CP1`);
  station.say('StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' });
  station.say('StartTransaction', { connectorId: 1, idTag: 'DEADBEEF', meterStart: 100, timestamp: new Date().toISOString() }); // prettier-ignore
  const sampledValue = [{ measurand: 'Power.Active.Import', unit: 'kW', value: '7.4' }, { value: '350' }];
  await until(() => record.length === 2);
  station.say('MeterValues', { connectorId: 1, transactionId: 7, meterValue: [{ timestamp: new Date().toISOString(), sampledValue }] }); // prettier-ignore
  await until(async () => (await read('ev1/energy/session')) === 250);
  expect(await Promise.all(['ev1/status', 'ev1/power/active', 'ev1/energy/active/import', 'ev1/online'].map(read))).toEqual(['charging', 7400, 350, true]); // prettier-ignore

  const written = await box.smx(['write', 'ev1/current/limit', '10', '--for', '1h', '--reason', 'the fuse', '--json']);
  expect(JSON.parse(written.out)).toMatchObject({ state: 'verified', value: 10 });
  const status = JSON.parse((await box.smx(['call', 'ocpp', 'status', '{"station":"CP1"}'])).out) as object;
  expect(status).toMatchObject({
    ...{ station: 'CP1', subprotocol: 'ocpp1.6', link: { connected: true }, backEnd: { connected: true } },
    outlets: [{ device: 'ev1', session: { transaction: '7', energy: 250 }, limit: { state: 'holding', asked: 10, value: 10, unit: 'A', reason: 'the fuse' } }], // prettier-ignore
  });
  expect(JSON.stringify(status)).not.toMatch(/deadbeef/i);

  const tokens = { limiter: await tokenOf('limiter'), mechanic: await tokenOf('mechanic') };
  const inject = async (role: keyof typeof tokens, action: string): Promise<{ status: number; json: unknown }> => {
    const headers = { authorization: `Bearer ${tokens[role]}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ station: 'CP1', action, payload: {} });
    const answer = await fetch(`${url}/api/v1/extensions/ocpp/calls/inject`, { method: 'POST', headers, body });
    return { status: answer.status, json: await answer.json() };
  };
  expect(await inject('limiter', 'GetConfiguration')).toEqual({ status: 200, json: { status: 'ok', payload: CONFIGURATION } }); // prettier-ignore
  expect(await inject('limiter', 'Reset')).toMatchObject({ status: 403, json: { code: 'SMX_ACCESS_DENIED' } });
  expect(station.got).not.toContain('Reset');
  expect((await inject('mechanic', 'GetConfiguration')).status).toBe(403);

  expect([...station.profiles.keys()]).toEqual([9_001_000, 9_001_001]);
  await stop(core);
  // with the box its limits go
  expect(station.profiles.size).toBe(0);
  expect(record.map((text) => (JSON.parse(text) as unknown[])[2])).toEqual(['StatusNotification', 'StartTransaction', 'MeterValues']); // prettier-ignore
});
