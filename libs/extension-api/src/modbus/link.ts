import { Backoff, durationMs, SmxError, type Disposable } from '@smx-edge/model';
import type { Connection, Connector, Sink } from '../transports/connector.js';
import { faultOf, LineFault } from '../transports/fault.js';
import { LineStateKeeper } from '../transports/line-state.js';
import { LONGEST_PAUSE } from '../transports/line.js';
import type { LineState } from '../transports/types.js';
import { ModbusClient, type Request } from './client.js';
import { unanswered, unconnected } from './link-faults.js';
import { ModbusException, type LinkOptions, type ModbusLink, type ModbusOptions, type ModbusUnit } from './types.js';
import { LinkUnit } from './unit.js';

const TRIES_OF_READ = 2;
/** Silent units of a serial line in a row, after which the line itself may be what is wrong. */
const SILENCES = 10;

interface Job {
  readonly request: Request;
  /** Of its answer, ms. */
  readonly timeout: number;
  /** Its silence is no fault. */
  readonly maybe: boolean;
  readonly resolve: (words: number[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Disposable;
  settled: boolean;
}

/** One connection with what goes over it. */
interface Session {
  readonly connection: Connection;
  client: ModbusClient;
  /** Ends it: it cannot be trusted any more. */
  readonly end: (error: SmxError) => void;
  /** Rejects once the connection is over. */
  readonly over: Promise<never>;
  answers: number;
  /** Requests in a row that nobody answered. */
  silences: number;
}

/** Requests to all units of one host, or one serial line: first in, first out, one on the way. */
export class RequestLink implements ModbusLink {
  private readonly keeper: LineStateKeeper;
  private readonly backoff: Backoff;
  private readonly jobs: Job[] = [];
  private session: Session | undefined;
  private controller: AbortController | undefined;
  private isBusy = false;
  private isClosed = false;
  private isConnecting = false;
  /** Connections in a row that brought no answer. */
  private barren = 0;
  private pausedUntil = 0;
  private lastFault: LineFault | undefined;

  constructor(
    private readonly connector: Connector,
    private readonly kind: 'tcp' | 'rtu',
    private readonly o: LinkOptions,
  ) {
    this.keeper = new LineStateKeeper(connector, o);
    this.backoff = new Backoff(LONGEST_PAUSE, o.random);
  }

  get state(): LineState {
    return this.keeper.state;
  }

  unit(unit: number, { timeout = this.o.timeout, maybe = false }: ModbusOptions = {}): ModbusUnit {
    const [least, most] = this.kind === 'tcp' ? [0, 255] : [1, 247];
    if (!Number.isInteger(unit) || unit < least || unit > most)
      throw new SmxError('SMX_MODBUS_REQUEST', `unit ${unit} cannot be: expected ${least} to ${most}`);
    const ms = typeof timeout === 'number' ? timeout : durationMs(timeout);
    return new LinkUnit(unit, (request) => this.submit(request, { timeout: ms, maybe }));
  }

  close(): Promise<void> {
    this.isClosed = true;
    const closed = new SmxError('SMX_TRANSPORT_CLOSED', `${this.connector.label} is closed`);
    for (const job of this.jobs.splice(0)) this.settle(job, closed);
    this.controller?.abort();
    this.session?.connection.close();
    this.session = undefined;
    this.connector.dispose?.();
    this.keeper.finished(undefined);
    return Promise.resolve();
  }

  private submit(request: Request, { timeout, maybe }: Pick<Job, 'timeout' | 'maybe'>): Promise<number[]> {
    if (this.isClosed) return Promise.reject(new SmxError('SMX_TRANSPORT_CLOSED', `${this.connector.label} is closed`));
    return new Promise((resolve, reject) => {
      const timer = this.after(Math.max(timeout, this.o.timeout), () =>
        this.settle(job, this.isConnecting ? unconnected(this.connector.label) : this.timedOut(job)),
      );
      const job: Job = { request, timeout, maybe, resolve, reject, timer, settled: false };
      this.jobs.push(job);
      if (!this.isBusy) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    for (let job = this.jobs[0]; job !== undefined; job = this.jobs[0]) {
      await this.run(job);
      // a close has emptied the queue
      if (this.jobs[0] === job) this.jobs.shift();
    }
    this.isBusy = false;
  }

  private async run(job: Job): Promise<void> {
    const tries = job.request.kind === 'read' ? TRIES_OF_READ : 1;
    for (let n = 1; !job.settled; n++) {
      try {
        this.settle(job, await this.exchange(job));
      } catch (error) {
        const failure = error as SmxError;
        const isFinal = failure instanceof ModbusException || failure.code === 'SMX_MODBUS_TIMEOUT';
        if (isFinal || n >= tries) this.settle(job, failure);
      }
    }
  }

  /** One request and its answer; every failure but an exception, and silence on a serial line, ends the connection. */
  private async exchange(job: Job): Promise<number[]> {
    const { request } = job;
    const session = this.session ?? (await this.connect());
    if (this.o.pause !== undefined) await this.rest(this.o.pause);
    let timer: Disposable | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = this.after(job.timeout, () => reject(this.timedOut(job)));
    });
    try {
      const words = await Promise.race([session.client.request(request), session.over, late]);
      this.answered(session);
      return words;
    } catch (error) {
      if (error instanceof ModbusException) this.answered(session);
      else if (!this.outlasts(session, error as SmxError)) this.drop(session, error as SmxError, job.maybe);
      throw error;
    } finally {
      timer?.dispose();
    }
  }

  /** A serial line is no connection to the unit that was silent: the others answer on it, and opening it anew helps nobody. */
  private outlasts(session: Session, failure: SmxError): boolean {
    if (this.kind !== 'rtu' || failure.code !== 'SMX_MODBUS_TIMEOUT' || session !== this.session) return false;
    if (++session.silences >= SILENCES) return false;
    // what comes late is no answer to the next request
    session.client = this.clientOf(session.connection, session.end);
    this.keeper.noFrames();
    return true;
  }

  private clientOf(connection: Connection, end: (error: SmxError) => void): ModbusClient {
    return new ModbusClient(this.kind, (bytes) => this.send(connection, bytes, end));
  }

  /** After a time-out, and after what came before it and was not looked at because the process had no time. */
  private after(ms: number, fn: () => void): Disposable {
    return this.o.clock.after(ms, () => void setImmediate(setImmediate, fn));
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => this.o.clock.after(ms, resolve));
  }

  private answered(session: Session): void {
    session.answers++;
    session.silences = 0;
    this.barren = 0;
    this.backoff.reset();
    this.keeper.frame('ok', this.session === session);
  }

  private async connect(): Promise<Session> {
    const { clock } = this.o;
    const left = this.pausedUntil - clock.monotonic();
    if (left > 0)
      throw new SmxError(
        'SMX_TRANSPORT_CONNECT',
        `${this.lastFault?.message ?? this.connector.label}; tried again in ${Math.ceil(left / 1000)} s`,
      );
    const controller = new AbortController();
    this.controller = controller;
    let end: (error: SmxError) => void = () => undefined;
    const over = new Promise<never>((_, reject) => (end = reject));
    // it may be over while nobody asks
    over.catch(() => undefined);
    let session: Session | undefined;
    const sink: Sink = {
      data: (chunk) => this.received(session, chunk, end),
      end: (error) => {
        const fault = this.faultOf(error);
        end(fault);
        if (session !== undefined && this.session === session) this.drop(session, fault);
      },
      gap: () => undefined,
    };
    let timer: Disposable | undefined;
    this.isConnecting = true;
    const late = new Promise<never>((_, reject) => {
      timer = clock.after(this.o.connectTimeout ?? this.o.timeout, () => {
        reject(unconnected(this.connector.label));
        controller.abort();
      });
    });
    try {
      const connection = await Promise.race([this.opened(sink, controller.signal), late]);
      const client = this.clientOf(connection, end);
      session = { connection, client, end, over, answers: 0, silences: 0 };
      this.session = session;
      this.keeper.connected();
      connection.start?.();
      return session;
    } catch (error) {
      const fault = faultOf(error, this.connector.label);
      this.keeper.counters.failures++;
      this.pause(fault);
      throw fault;
    } finally {
      this.isConnecting = false;
      timer?.dispose();
    }
  }

  /** A connection that comes about after its time is closed. */
  private async opened(sink: Sink, signal: AbortSignal): Promise<Connection> {
    const connection = await this.connector.connect(sink, signal);
    if (!signal.aborted) return connection;
    connection.close();
    throw new LineFault('closed', `${this.connector.label} is closed`);
  }

  private send(connection: Connection, bytes: Uint8Array, end: (error: SmxError) => void): void {
    this.o.record?.('out', bytes, this.o.clock.now());
    this.keeper.counters.bytesOut += bytes.length;
    connection.write(bytes).catch((error: unknown) => end(this.faultOf(error)));
  }

  private received(session: Session | undefined, chunk: Uint8Array, end: (error: SmxError) => void): void {
    if (session === undefined || session !== this.session) return;
    const now = this.o.clock.now();
    this.o.record?.('in', chunk, now);
    this.keeper.received(chunk.length, now);
    try {
      session.client.received(chunk);
    } catch (error) {
      end(error as SmxError);
      this.drop(session, error as SmxError);
    }
  }

  /** Ends a connection that cannot be trusted any more. A silent device costs its time-out; one that hangs up is left alone a while. */
  private drop(session: Session, failure: SmxError, maybe = false): void {
    if (this.session !== session) return;
    this.session = undefined;
    (session.connection.reset ?? session.connection.close).call(session.connection);
    const isSilent = failure.code === 'SMX_MODBUS_TIMEOUT';
    if (isSilent && maybe) {
      this.keeper.left();
      return;
    }
    this.keeper.frame('bad', true);
    const reason = isSilent ? 'timeout' : failure.code === 'SMX_MODBUS_FRAME' ? 'protocol' : 'closed';
    const fault = failure instanceof LineFault ? failure : new LineFault(reason, failure.message, failure);
    if (session.answers === 0 && !isSilent && ++this.barren > 1) this.pause(fault);
    else this.keeper.lost(fault, undefined);
  }

  private pause(fault: LineFault): void {
    const ms = this.backoff.next();
    this.lastFault = fault;
    this.pausedUntil = this.o.clock.monotonic() + ms;
    if (!this.isClosed) this.keeper.lost(fault, this.o.clock.now() + ms);
  }

  private faultOf(error: unknown): LineFault {
    return error === undefined
      ? new LineFault('closed', `${this.connector.label}: the other side closed the connection`)
      : faultOf(error, this.connector.label);
  }

  private timedOut({ request, timeout }: Job): SmxError {
    return unanswered(this.connector.label, request.unit, timeout);
  }

  private settle(job: Job, outcome: number[] | Error): void {
    if (job.settled) return;
    job.settled = true;
    job.timer.dispose();
    if (outcome instanceof Error) job.reject(outcome);
    else job.resolve(outcome);
  }
}
