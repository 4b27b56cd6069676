import { isSmxError, SmxError, type Clock, type Log } from '@smx-edge/model';
import type { SmxContext, Tools } from '../context.js';
import type { ExtensionDefinition } from '../define.js';
import { API_VERSION, type ToChild, type WireCall, type WireError, type WireStart } from '../wire.js';
import { bounded, loggable, logText, REPORT } from './bounded.js';
import type { Channel } from './channel.js';
import { Devices } from './devices.js';
import { Faults } from './faults.js';
import { InstanceContext } from './instance-context.js';
import { Lines, type LineMakers } from './lines.js';
import { Reads } from './reads.js';
import { Recording } from './recording.js';
import { Requests } from './requests.js';

export interface RuntimeOptions {
  readonly extension: ExtensionDefinition<never>;
  readonly start: WireStart;
  readonly channel: Channel;
  readonly clock: Clock;
  readonly lines: LineMakers;
}

/** An error as it crosses the wire. */
export function wireError(error: unknown, code = 'SMX_EXTENSION_START'): WireError {
  const message = bounded(error instanceof Error ? error.message : error, REPORT);
  return { code: isSmxError(error) ? error.code : code, message };
}

/** Runs one extension over a channel: in its process, or inside a test. */
export class Runtime {
  private readonly faults: Faults;
  private readonly requests: Requests;
  private readonly devices: Devices;
  private readonly reads: Reads;
  private readonly lines: Lines;
  private readonly recording: Recording;
  private readonly context: InstanceContext;
  private readonly extension: ExtensionDefinition;
  private isUp = false;
  private stopping: Promise<void> | undefined;

  constructor(private readonly o: RuntimeOptions) {
    const { channel, clock, start } = o;
    // the config was checked against the extension's schema before it came here
    this.extension = o.extension;
    const log: Log = wireLog(channel);
    this.faults = new Faults({ channel, clock });
    this.requests = new Requests(channel);
    this.devices = new Devices({ channel, requests: this.requests, faults: this.faults });
    this.reads = new Reads({ channel, requests: this.requests, faults: this.faults });
    this.recording = new Recording({ channel, clock });
    this.lines = new Lines({
      makers: o.lines,
      clock,
      log,
      serial: { open: (path, settings) => this.requests.ask((id) => ['serial', id, path, settings]) },
      permissions: start.permissions,
      recording: this.recording,
      onState: (ref, state) => channel.send(['line', ref, state]),
    });
    const { devices, faults, lines, reads, requests } = this;
    this.context = new InstanceContext({
      start,
      channel,
      clock,
      log,
      requests,
      faults,
      devices,
      lines,
      reads,
      up: () => this.up(),
    });
    channel.onMessage((message) => this.receive(message));
    channel.send(['hello', { api: API_VERSION, calls: wireCalls(this.extension) }]);
  }

  /** Runs what `start.mode` says; the outcome goes to the host. */
  async run(): Promise<void> {
    const { mode } = this.o.start;
    if (mode === 'test') return this.test();
    if (mode === 'discover') return this.discover();
    try {
      await this.extension.start(this.context);
      this.devices.outbox.flush();
      this.up();
    } catch (error) {
      this.devices.outbox.flush();
      if (this.stopping === undefined) this.o.channel.send(['failed', wireError(error)]);
    }
  }

  /** Ends everything registered; safe to call twice. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  /** The host is gone: what waits for its answer, or asks it yet, fails at once, so that all that is to be done at the end is done. */
  orphaned(): Promise<void> {
    this.requests.end();
    return this.stop();
  }

  private async end(): Promise<void> {
    await this.context.dispose();
    this.devices.outbox.flush();
    this.requests.end();
    this.reads.end();
    this.o.channel.send(['stopped']);
  }

  private up(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.o.channel.send(['running']);
  }

  private receive(message: ToChild): void {
    switch (message[0]) {
      case 'device':
        this.devices.settleDevice(message[1], { name: message[2], refused: message[3] });
        break;
      case 'point':
        this.devices.settlePoint(message[1], { handle: message[2], refused: message[3] });
        break;
      case 'ok':
        this.requests.resolve(message[1], message[2]);
        break;
      case 'no':
        this.requests.reject(message[1], message[2]);
        break;
      case 'changes':
      case 'rows':
        this.reads.receive(message);
        break;
      case 'ping':
        this.o.channel.send(['pong', message[1]]);
        break;
      case 'call':
        this.answer(message[1], () => this.call(message[2], message[3]));
        break;
      case 'set':
        this.answer(message[1], () => this.devices.command(message[2], message[3]));
        break;
      case 'release':
        this.answer(message[1], () => this.devices.release(message[2]));
        break;
      case 'record':
        this.recording.begin(message[1] ?? undefined);
        break;
      case 'stop':
        void this.stop();
        break;
      case 'start':
        break;
    }
  }

  private answer(id: number, run: () => Promise<unknown>): void {
    const { channel } = this.o;
    const told = run().then((value) => {
      this.devices.outbox.flush();
      channel.send(['result', id, value ?? null]);
    });
    // also for a result that has no JSON or is too long to travel
    told.catch((error: unknown) => channel.send(['error', id, wireError(error, 'SMX_EXTENSION_CALL')]));
  }

  private async call(name: string, args: unknown): Promise<unknown> {
    const { calls } = this.extension;
    const call = calls !== undefined && Object.hasOwn(calls, name) ? calls[name] : undefined;
    if (call === undefined) throw new SmxError('SMX_EXTENSION_CALL', `There is no call "${name}"`);
    const context: SmxContext = this.context;
    return call.run(args, context);
  }

  private async test(): Promise<void> {
    const { channel, start } = this.o;
    try {
      const result = (await this.extension.test?.(start.config, this.tools())) ?? {
        ok: true,
        text: 'the config fits its schema; the extension has no test of its own',
      };
      channel.send(['result', 0, result]);
    } catch (error) {
      channel.send(['error', 0, wireError(error)]);
    }
  }

  private async discover(): Promise<void> {
    const { channel, start } = this.o;
    try {
      const steps = this.extension.discover?.(start.source ?? '', this.tools());
      if (steps !== undefined) for await (const step of steps) channel.send(['step', 0, step]);
      channel.send(['result', 0, steps !== undefined]);
    } catch (error) {
      channel.send(['error', 0, wireError(error)]);
    }
  }

  private tools(): Tools {
    const { now, log, open, listen, modbus, mqtt } = this.context;
    return { now, log, open, listen, modbus, mqtt };
  }
}

function wireCalls(extension: ExtensionDefinition): Record<string, WireCall> {
  const calls: Record<string, WireCall> = {};
  for (const [name, { args, detail, plain, personal }] of Object.entries(extension.calls ?? {}))
    calls[name] = {
      args,
      ...(detail !== undefined && { detail }),
      ...(plain !== undefined && { plain }),
      ...(personal !== undefined && { personal }),
    };
  return calls;
}

function wireLog(channel: Channel): Log {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void =>
      channel.send(['log', level, logText(message), loggable(fields)]);
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
