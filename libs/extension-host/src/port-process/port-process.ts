import { fork, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ERROR_CODES, SmxError, type Clock, type Disposable, type ErrorCode, type Log } from '@smx-edge/model';
import type { PortGrant, SerialDoor, SerialSettings } from '@smx-edge/extension-api/transports';
import type { PortAnswer, PortCommand, PortInfo } from './messages.js';

/** sockaddr_un holds 108 bytes with the final NUL; longer paths are cut silently. */
const LONGEST_PATH = 107;
const SOCKET_NAME = '/p-00000000.sock';
const TIMEOUT = 10_000;
const FAREWELL = 2000;

export interface PortProcessOptions {
  /** Where the sockets of the ports are made; becomes 0700. Its path must leave room for a socket's name. */
  readonly runDir: string;
  readonly log: Log;
  readonly clock: Clock;
  /** The script to run; default is the one beside this file. */
  readonly main?: string;
}

interface Waiting {
  readonly resolve: (answer: PortAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Disposable;
}

type Command<C> = C extends PortCommand ? Omit<C, 'id'> : never;

/**
 * The host's side of the port process. It is started by the first serial line and again after a death by the next
 * request, so a box without serial lines does not pay for it.
 */
export class PortProcess implements SerialDoor {
  private child: ChildProcess | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private closed = false;

  /** Throws SMX_CONFIG_INVALID where the run folder's path is too long for a socket. */
  constructor(private readonly options: PortProcessOptions) {
    const longest = LONGEST_PATH - SOCKET_NAME.length;
    if (Buffer.byteLength(options.runDir) > longest)
      throw new SmxError(
        'SMX_CONFIG_INVALID',
        `the run folder ${options.runDir} has a path of more than ${longest} bytes; choose a shorter data folder`,
        {
          details: [{ path: 'data', expected: `a folder whose run folder has at most ${longest} bytes` }],
        },
      );
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Opens a port for one instance. Rejects with SMX_TRANSPORT_ABSENT, _BUSY, _PERMISSION or _CONNECT. */
  async open(path: string, settings: SerialSettings): Promise<PortGrant> {
    const answer = await this.ask({ op: 'open', path, baud: settings.baud, mode: settings.mode });
    if ('grant' in answer) return answer.grant;
    throw this.unexpected();
  }

  /** The serial ports of this box. */
  async list(): Promise<readonly PortInfo[]> {
    const answer = await this.ask({ op: 'list' });
    if ('ports' in answer) return answer.ports;
    throw this.unexpected();
  }

  /** Ends the process: its ports close, its lines hear of it. */
  async close(): Promise<void> {
    this.closed = true;
    const child = this.child;
    if (child === undefined) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      const timer = this.options.clock.after(FAREWELL, () => child.kill('SIGKILL'));
      child.once('exit', () => timer.dispose());
      if (child.connected) child.disconnect();
      else child.kill('SIGKILL');
    });
  }

  private ask(command: Command<PortCommand>): Promise<PortAnswer> {
    if (this.closed)
      return Promise.reject(new SmxError('SMX_TRANSPORT_CLOSED', 'the box is stopping; no port is opened any more'));
    const child = this.child ?? this.spawn();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = this.options.clock.after(TIMEOUT, () => {
        this.waiting.delete(id);
        reject(new SmxError('SMX_TRANSPORT_CONNECT', `the port process did not answer within ${TIMEOUT / 1000} s`));
      });
      this.waiting.set(id, { resolve, reject, timer });
      child.send({ id, ...command }, (error) => {
        if (error !== null)
          this.settle(id, new SmxError('SMX_TRANSPORT_CONNECT', 'the port process does not listen', { cause: error }));
      });
    });
  }

  private spawn(): ChildProcess {
    const { runDir, log, main = join(__dirname, 'main.js') } = this.options;
    mkdirSync(runDir, { recursive: true, mode: 0o700 });
    chmodSync(runDir, 0o700);
    const child = fork(main, [runDir], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--max-old-space-size=32', '--max-semi-space-size=1'],
      env: {},
    });
    this.child = child;
    child.on('message', (answer: PortAnswer) => this.settle(answer.id, answer));
    child.on('error', (error) => this.ended(child, error.message));
    child.on('exit', (code, signal) => this.ended(child, signal ?? `exit status ${code ?? '?'}`));
    for (const stream of [child.stdout, child.stderr]) this.logLines(stream);
    log.info('port process started', { pid: child.pid });
    return child;
  }

  private logLines(stream: Readable | null): void {
    if (stream === null) return;
    stream.on('error', (error) =>
      this.options.log.warn('the output of the port process broke', { error: error.message }),
    );
    createInterface({ input: stream }).on('line', (line) =>
      this.options.log.warn('port process', { line: line.slice(0, 500) }),
    );
  }

  private ended(child: ChildProcess, why: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    if (!this.closed)
      this.options.log.error('the port process ended; the next line that opens starts it again', { why });
    const error = new SmxError(
      'SMX_TRANSPORT_CONNECT',
      `the port process ended (${why}); it is started again by the next attempt`,
    );
    for (const id of [...this.waiting.keys()]) this.settle(id, error);
  }

  private settle(id: number, outcome: PortAnswer | Error): void {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    this.waiting.delete(id);
    waiting.timer.dispose();
    if (outcome instanceof Error) waiting.reject(outcome);
    else if ('error' in outcome) {
      const { code, message } = outcome.error;
      waiting.reject(new SmxError(code in ERROR_CODES ? (code as ErrorCode) : 'SMX_TRANSPORT_CONNECT', message));
    } else waiting.resolve(outcome);
  }

  private unexpected(): SmxError {
    return new SmxError('SMX_TRANSPORT_CONNECT', 'the port process gave an answer that was not asked for');
  }
}
