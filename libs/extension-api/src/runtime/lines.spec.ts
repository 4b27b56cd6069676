import { createServer, type AddressInfo, type Socket } from 'node:net';
import { silentLog, systemClock, VirtualClock, type Clock, type Log } from '@smx-edge/model';
import { openModbus } from '../modbus/index.js';
import { listenLines, openLine, type LineState } from '../transports/index.js';
import type { Channel } from './channel.js';
import { Lines, type LineMakers } from './lines.js';
import { Recording } from './recording.js';

/** Nothing is recorded here, so nothing is sent. */
const UNUSED: Channel = {
  send: () => undefined,
  congested: false,
  onDrain: () => undefined,
  onMessage: () => undefined,
};
const NO_SERIAL = { open: () => Promise.reject(new Error('there is no serial line here')) };

function linesOf(clock: Clock, o: { told?: (LineState | null)[]; makers?: LineMakers; log?: Log } = {}): Lines {
  return new Lines({
    makers: o.makers ?? { openLine, listenLines, openModbus },
    clock,
    log: o.log ?? silentLog,
    serial: NO_SERIAL,
    permissions: { serial: false, network: true, listen: false },
    recording: new Recording({ channel: UNUSED, clock }),
    onState: (_ref, state) => void o.told?.push(state),
  });
}

it('tells the counters of a line that is well, though its state does not change, and only where they moved', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  const peer = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise((resolve) => server.once('listening', resolve));
  const clock = new VirtualClock();
  const told: (LineState | null)[] = [];
  const lines = linesOf(clock, { told });
  const line = lines.openLine(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const socket = await peer;
  const reader = line.read();
  const take = async (bytes: number): Promise<void> => {
    socket.write(Buffer.alloc(bytes));
    await reader.next();
    line.frame('ok');
  };
  await take(10);
  expect(told.at(-1)).toMatchObject({ status: 'ok' });
  await take(20);
  clock.advance(5000);
  expect(told.at(-1)).toMatchObject({ status: 'ok', counters: { bytesIn: 30, framesOk: 2 } });
  const before = told.length;
  clock.advance(15_000);
  expect(told).toHaveLength(before);
  await take(5);
  clock.advance(5000);
  expect(told.at(-1)?.counters).toMatchObject({ bytesIn: 35, framesOk: 3 });
  await lines.close();
  socket.destroy();
  server.close();
});

it('gives one Modbus link for a source, whoever asks, until it is closed; another for another', async () => {
  const lines = linesOf(systemClock);
  const link = lines.modbus('modbus://127.0.0.1:502');
  expect(lines.modbus('modbus://127.0.0.1')).toBe(link);
  expect(lines.modbus('modbus://127.0.0.1:503')).not.toBe(link);
  await link.close();
  expect(lines.modbus('modbus://127.0.0.1')).not.toBe(link);
  await lines.close();
});

it('gives no Modbus link that the manifest did not ask for, nor in a replay', () => {
  const lacks = (code: string): Error => expect.objectContaining({ code }) as Error;
  expect(() => linesOf(systemClock).modbus('modbus+rtu:/dev/ttyUSB0')).toThrow(lacks('SMX_EXTENSION_PERMISSION'));
  const replayed = linesOf(systemClock, { makers: { openLine, listenLines } });
  expect(() => replayed.modbus('modbus://127.0.0.1')).toThrow(lacks('SMX_NOT_AVAILABLE'));
});

it('says of a line that is opened and given back all day the same once an hour, and of others at once', async () => {
  const clock = new VirtualClock();
  const said: string[] = [];
  const log: Log = { ...silentLog, info: (text) => void said.push(text), warn: (text) => void said.push(text) };
  const open: LineMakers['openLine'] = (source, { log: own }) => {
    own.info(`open ${source}`);
    return openLine(source, { log: silentLog, clock });
  };
  const lines = linesOf(clock, { log, makers: { openLine: open, listenLines } });
  const turn = async (source: string): Promise<void> => lines.openLine(source).close();
  for (let times = 0; times < 50; times++) await turn('tcp://127.0.0.1:1');
  expect(said).toEqual(['open tcp://127.0.0.1:1', 'open tcp://127.0.0.1:1']);
  await turn('tcp://127.0.0.1:2');
  expect(said).toHaveLength(3);
  clock.advance(3_600_000);
  for (let times = 0; times < 50; times++) await turn('tcp://127.0.0.1:1');
  expect(said).toHaveLength(4);
  await lines.close();
});
