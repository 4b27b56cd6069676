import type { AddressInfo, Server, Socket } from 'node:net';
import { silentLog, systemClock, VirtualClock, type Log } from '@smx-edge/model';
import { openLine } from '../src/transports/open-line.js';
import type { Line, LineOptions, LineState } from '../src/transports/types.js';

/** Waits for a condition, never for a time; fails by name. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > end) throw new RangeError(`waited in vain for: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lines under test, with all they said, closed at the end. */
export class LineHarness {
  readonly clock = new VirtualClock();
  readonly states: LineState[] = [];
  readonly warnings: string[] = [];
  readonly log: Log = { ...silentLog, warn: (message) => void this.warnings.push(message) };
  private lines: { close(): Promise<void> }[] = [];
  private servers: Server[] = [];
  private peers = new Set<Socket>();

  /** A line whose pauses and limits go by the virtual clock; `random` 1 = the whole pause. */
  open(source: string, options: Partial<LineOptions> = {}): Line {
    return this.own(
      openLine(source, {
        log: this.log,
        clock: this.clock,
        random: () => 1,
        onState: (state) => void this.states.push(state),
        ...options,
      }),
    );
  }

  openReal(source: string, options: Partial<LineOptions> = {}): Line {
    return this.open(source, { clock: systemClock, random: () => 0, ...options });
  }

  own<T extends { close(): Promise<void> }>(line: T): T {
    this.lines.push(line);
    return line;
  }

  reasons(): string[] {
    return this.states.flatMap((state) => (state.reason === undefined ? [] : [state.reason]));
  }

  /** Listens on a port of the system's choice, or the given one. */
  async serve(server: Server, port = 0): Promise<number> {
    this.servers.push(server);
    server.on('connection', (socket) => {
      this.peers.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.peers.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  async stop(server: Server): Promise<void> {
    this.servers = this.servers.filter((other) => other !== server);
    for (const peer of this.peers) peer.destroy();
    await new Promise((resolve) => server.close(resolve));
  }

  async done(): Promise<void> {
    await Promise.all(this.lines.map((line) => line.close()));
    for (const server of this.servers) await this.stop(server);
  }
}

/** Reads until `length` bytes came or the line ended. */
export async function readBytes(line: Line, length: number): Promise<string> {
  let got = Buffer.alloc(0);
  while (got.length < length) {
    const result = await line.read().next();
    if (result.done === true) break;
    got = Buffer.concat([got, result.value]);
  }
  return got.toString('latin1');
}

export async function nextText(line: Line): Promise<string | undefined> {
  const result = await line.read().next();
  return result.done === true ? undefined : Buffer.from(result.value).toString('latin1');
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: string }).code ?? `without code: ${String(error)}`;
  }
  return 'nothing was thrown';
}
