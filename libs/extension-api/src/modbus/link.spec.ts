import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { systemClock } from '@smx-edge/model';
import { codeOf, LineHarness, until } from '../../test-support/line-harness.js';
import { frame, good, ModbusDevice, registersOf, type Answer } from '../../test-support/modbus-device.js';
import { openModbus } from './open-modbus.js';
import type { LinkOptions, ModbusLink } from './types.js';

const TIMEOUT = 300;

/** A port whose queue is full, so that connections to it hang: its process listens and never accepts. */
async function fullListener(): Promise<{ readonly port: number; end(): void }> {
  const script = `const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (bytes) => resolve(Number(bytes))));
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  const waiting = (): number => fillers.filter(({ connecting }) => connecting).length;
  await until('the queue to be full', () => waiting() > 0 && waiting() < fillers.length);
  return {
    port,
    end: () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
    },
  };
}

describe('a Modbus link over TCP', () => {
  let harness: LineHarness;
  let device: ModbusDevice;
  let port: number;

  beforeEach(async () => {
    harness = new LineHarness();
    device = new ModbusDevice();
    port = await harness.serve(device.server);
  });
  afterEach(() => harness.done());

  const link = (options: Partial<LinkOptions> = {}): ModbusLink =>
    harness.own(
      openModbus(`modbus://127.0.0.1:${port}`, {
        ...{ log: harness.log, clock: systemClock, random: () => 0, timeout: TIMEOUT },
        ...{ onState: (state) => void harness.states.push(state) },
        ...options,
      }),
    );
  const block = { address: 10, count: 3 };
  const once =
    (first: Answer): Answer =>
    (asked, socket) => {
      device.answer = good;
      first(asked, socket);
    };
  const closed = (n: number): Promise<void> => until(`socket ${n} to close`, () => device.sockets[n]!.destroyed);

  it('reads and writes, over one connection that it makes when it is needed', async () => {
    const unit = link().unit(7);
    expect(device.sockets).toHaveLength(0);
    expect(await unit.read(block)).toEqual(registersOf(7, 10, 3));
    expect(await unit.read(block, 'input')).toEqual(registersOf(7, 10, 3));
    await unit.write(100, [1, 0xffff]);
    expect(device.asked.map(({ code, count }) => [code, count])).toEqual([
      [3, 3],
      [4, 3],
      [16, 2],
    ]);
    expect(device.sockets).toHaveLength(1);
  });

  it('reads many blocks in few requests, each block within one of them', async () => {
    const blocks = [
      { address: 200, count: 50 },
      { address: 0, count: 60 },
      { address: 70, count: 55 },
      { address: 110, count: 40 },
      { address: 1000, count: 300 },
    ];
    const words = await link().unit(1).readAll(blocks);
    expect(words).toEqual(blocks.map(({ address, count }) => registersOf(1, address, count)));
    expect(device.asked.map(({ address, count }) => [address, count])).toEqual([
      ...[
        [0, 125],
        [110, 40],
        [200, 50],
      ],
      ...[
        [1000, 125],
        [1125, 125],
        [1250, 50],
      ],
    ]);
  });

  it('tells an exception from a fault: its number comes through, and the connection stays', async () => {
    device.answer = once(({ transaction, unit, code }, socket) =>
      socket.write(frame(transaction, unit, [code | 0x80, 4])),
    );
    const unit = link().unit(1);
    await expect(unit.write(1, [2])).rejects.toMatchObject({ code: 'SMX_MODBUS_EXCEPTION', exception: 4 });
    await unit.read(block);
    expect(device.sockets).toHaveLength(1);
  });

  // the hazards of the library behind it, each of which left a request hanging or an answer in the wrong hands

  it('1: settles a request that is never answered', async () => {
    device.answer = once(() => undefined);
    const unit = link().unit(1);
    expect(await codeOf(unit.read(block))).toBe('SMX_MODBUS_TIMEOUT');
    await closed(0);
    expect(await unit.read(block)).toEqual(registersOf(1, 10, 3));
  });

  it.each([
    ['2: the device closes', (socket: Socket) => void socket.end()],
    ['3: the device resets', (socket: Socket) => void socket.resetAndDestroy()],
  ])('%s the connection with a request on the way: a read is asked again, a write fails at once', async (_, end) => {
    const unit = link({ timeout: 60_000 }).unit(1);
    device.answer = once((asked, socket) => end(socket));
    expect(await unit.read(block)).toEqual(registersOf(1, 10, 3));
    device.answer = once((asked, socket) => end(socket));
    expect(await codeOf(unit.write(1, [2]))).toBe('SMX_TRANSPORT_CLOSED');
    // what may have been taken is not sent twice
    expect(device.asked.filter(({ code }) => code === 16)).toHaveLength(1);
  });

  it('4: closes, also twice, also after a reset, and settles what waits', async () => {
    const own = link({ timeout: 60_000 });
    device.answer = () => undefined;
    const waiting = [own.unit(1).read(block), own.unit(2).read(block)].map(codeOf);
    await until('the request', () => device.asked.length === 1);
    device.sockets[0]!.resetAndDestroy();
    await own.close();
    await own.close();
    expect(await Promise.all(waiting)).toEqual(['SMX_TRANSPORT_CLOSED', 'SMX_TRANSPORT_CLOSED']);
    expect(await codeOf(own.unit(1).read(block))).toBe('SMX_TRANSPORT_CLOSED');
    expect(own.state.status).toBe('closed');
  });

  it('5: passes over an answer to another transaction', async () => {
    device.answer = (asked, socket) => {
      good({ ...asked, transaction: asked.transaction ^ 0x100, address: 99 }, socket);
      good(asked, socket);
    };
    expect(await link().unit(1).read(block)).toEqual(registersOf(1, 10, 3));
  });

  it('6: takes no answer of another unit, code or length', async () => {
    const own = link();
    const unit = own.unit(1);
    for (const wrong of [{ unit: 2 }, { code: 4 }, { count: 2 }]) {
      device.answer = (asked, socket) => good({ ...asked, ...wrong }, socket);
      expect([wrong, await codeOf(unit.read(block))]).toEqual([wrong, 'SMX_MODBUS_FRAME']);
      device.answer = good;
      // the second wrong answer in a row makes the link wait
      const retryAt = own.state.retryAt ?? 0;
      await until('the pause to end', () => Date.now() > retryAt);
      expect(await unit.read(block)).toEqual(registersOf(1, 10, 3));
    }
  });

  it('6: takes no answer that counts fewer registers than it has', async () => {
    const unit = link().unit(1);
    device.answer = ({ transaction, unit: number, code }, socket) =>
      socket.write(frame(transaction, number, [code, 2, 0, 1, 0, 2, 0, 3]));
    expect(await codeOf(unit.read(block))).toBe('SMX_MODBUS_FRAME');
  });

  it('7: sends nothing that no device may answer', async () => {
    const unit = link().unit(1);
    const refused = [
      unit.read({ address: 0, count: 126 }),
      unit.read({ address: 0, count: 0 }),
      unit.read({ address: 65_535, count: 2 }),
      unit.read({ address: 1.5, count: 2 }),
      unit.write(0, new Array<number>(124).fill(0)),
      unit.write(0, [65_536]),
      unit.write(0, [-1]),
      unit.write(0, [NaN]),
    ];
    for (const each of refused) expect(await codeOf(each)).toBe('SMX_MODBUS_REQUEST');
    expect(() => link().unit(256)).toThrow(expect.objectContaining({ code: 'SMX_MODBUS_REQUEST' }));
    expect(device.asked).toEqual([]);
  });

  it('8: recovers from an answer that is no Modbus', async () => {
    device.answer = once((_, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await link().unit(1).read(block)).toEqual(registersOf(1, 10, 3));
    await closed(0);
    expect(device.sockets).toHaveLength(2);
  });

  it('8: says so where nothing else comes, and leaves the other side alone for a while', async () => {
    device.answer = (_, socket) => void socket.end('<html>');
    const own = link({ random: () => 1 });
    expect(await codeOf(own.unit(1).read(block))).toBe('SMX_MODBUS_FRAME');
    expect(own.state).toMatchObject({ status: 'connecting', reason: 'protocol' });
    expect(own.state.retryAt).toBeGreaterThan(0);
    expect(await codeOf(own.unit(1).read(block))).toBe('SMX_TRANSPORT_CONNECT');
    expect(device.sockets).toHaveLength(2);
  });

  it('9: asks each unit what it is to ask, however many ask at once', async () => {
    device.answer = (asked, socket) => void setImmediate(() => good(asked, socket));
    const own = link();
    const units = [1, 200, 1, 240, 7, 200].map((unit) => own.unit(unit));
    const answers = await Promise.all(units.map((unit, i) => unit.read({ address: i, count: 2 })));
    expect(answers).toEqual(units.map(({ unit }, i) => registersOf(unit, i, 2)));
    expect(device.asked.map(({ address }) => address)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('9: has one request on the way at a time', async () => {
    let onTheWay = 0;
    let most = 0;
    device.answer = (asked, socket) => {
      most = Math.max(most, ++onTheWay);
      setImmediate(() => {
        onTheWay--;
        good(asked, socket);
      });
    };
    const own = link();
    await Promise.all(Array.from({ length: 20 }, (_, i) => own.unit(1 + (i % 3)).read(block)));
    expect(most).toBe(1);
  });

  it('waits for a unit as long as is asked, and not as long as for others', async () => {
    device.answer = (asked, socket) => (asked.unit === 2 ? undefined : good(asked, socket));
    const own = link({ timeout: 60_000 });
    expect(await codeOf(own.unit(2, { timeout: '50ms' }).read(block))).toBe('SMX_MODBUS_TIMEOUT');
    expect(await own.unit(1).read(block)).toEqual(registersOf(1, 10, 3));
  });

  it('has no fault where one is silent of whom nobody knows whether he is there', async () => {
    device.answer = (asked, socket) => (asked.unit === 1 ? good(asked, socket) : undefined);
    const told: string[] = [];
    const keep = (level: string) => (text: string) => void told.push(`${level} ${text}`);
    const log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
    const own = link({ log });
    for (const unit of [1, 2, 3, 1])
      await own
        .unit(unit, { timeout: '30ms', maybe: true })
        .read(block)
        .catch(() => undefined);
    expect(told.filter((text) => !text.startsWith('debug'))).toEqual(['info line open']);
    expect(harness.reasons()).toEqual([]);
    expect(own.state).toMatchObject({ status: 'ok', counters: { framesBad: 0 } });
    await own
      .unit(4, { timeout: '30ms' })
      .read(block)
      .catch(() => undefined);
    expect(told.at(-1)).toMatch(/^warn .*unit 4/);
    expect(harness.reasons()).toEqual(['timeout']);
  });

  it('10: fails with errors that have a code and say what to do', async () => {
    device.answer = () => undefined;
    const error: unknown = await link()
      .unit(9)
      .read(block)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/unit 9 of modbus:.* did not answer within 300 ms; check the unit/);
  });

  it('11: gives up a connection that does not come about, and leaves no socket behind', async () => {
    const full = await fullListener();
    try {
      const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
      const before = sockets();
      const own = harness.own(
        openModbus(`modbus://127.0.0.1:${full.port}`, {
          ...{ log: harness.log, clock: systemClock, random: () => 1, timeout: TIMEOUT },
        }),
      );
      // a unit of which less is expected is no reason to give the connection up, nor said to be silent
      expect(await codeOf(own.unit(2, { timeout: '50ms' }).read(block))).toBe('SMX_TRANSPORT_CONNECT');
      expect(await codeOf(own.unit(1).read(block))).toBe('SMX_TRANSPORT_CONNECT');
      await until('the attempt to be given up', () => own.state.reason === 'timeout');
      expect(await codeOf(own.unit(1).read(block))).toBe('SMX_TRANSPORT_CONNECT');
      await until('its socket to be gone', () => sockets() === before);
    } finally {
      full.end();
    }
  });

  it('12: has no more than one connection, whatever ended the ones before', async () => {
    const own = link();
    for (let i = 0; i < 20; i++) {
      device.answer = once((_, socket) => (i % 2 === 0 ? socket.end() : socket.write('no Modbus at all')));
      expect(await own.unit(1).read(block)).toEqual(registersOf(1, 10, 3));
      expect(device.sockets.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(2);
    }
    await until('one to be left', () => device.sockets.filter(({ destroyed }) => !destroyed).length === 1);
  });

  it('is refused, says why, and comes back once someone listens', async () => {
    await harness.stop(device.server);
    const own = link();
    expect(await codeOf(own.unit(1).read(block))).toBe('SMX_TRANSPORT_CONNECT');
    expect(own.state).toMatchObject({ status: 'connecting', reason: 'refused' });
    await harness.serve(device.server, port);
    await until('the pause to end', () => own.state.retryAt! < Date.now());
    expect(await own.unit(1).read(block)).toEqual(registersOf(1, 10, 3));
    expect(own.state).toMatchObject({ status: 'ok', counters: { connects: 1, framesOk: 1 } });
  });
});
