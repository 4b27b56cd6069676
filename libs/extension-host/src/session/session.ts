import type { SetpointAnswer, SetpointCommand } from '@smx-edge/extension-api';
import type { ToChild, ToHost, WireCall, WireEvent } from '@smx-edge/extension-api/wire';
import { checkFiles, SmxError, type NewEvent, type NewEventFile } from '@smx-edge/model';
import type { GrantedPermissions } from '../packages/manifest.js';
import type { Limits } from '../process/limits.js';
import type { InstanceLog } from '../process/output.js';
import { TokenBucket } from '../process/token-bucket.js';
import { Asked } from './asked.js';
import type { HostParts, InstanceCommand } from './host-parts.js';
import type { InstanceFacts } from './instance-facts.js';
import type { LineTap } from './line-tap.js';
import { checkedMessage } from './messages.js';
import { SessionDevices } from './session-devices.js';
import { SessionProfiles } from './session-profiles.js';
import { SessionReads } from './session-reads.js';
import { SessionState } from './session-state.js';
import { errorOfWire, wireOf } from './wire-error.js';

export interface SessionOptions {
  readonly instance: string;
  readonly parts: HostParts;
  readonly permissions: GrantedPermissions;
  readonly limits: Limits;
  readonly facts: InstanceFacts;
  readonly log: InstanceLog;
  send(message: ToChild): void;
  backlog(): number;
  onRunning(): void;
  /** `start` threw, or code that no callback of ours guards did. */
  onFailure(kind: 'failed' | 'fatal', error: SmxError): void;
}

const EVENTS_PER_SECOND = 5;
const EVENT_BURST = 200;
const FILE_BYTES_PER_SECOND = 16 * 1024;
const FILE_BURST = 16 << 20;
const STATES_PER_SECOND = 10;
const STATE_BURST = 200;
const STATE_READS_PER_SECOND = 50;
const STATE_READ_BURST = 1000;
/** Questions that make the box look through its catalogue: points, history, subscriptions, serial lines. */
const LOOKS_PER_SECOND = 20;
const LOOK_BURST = 150;
const LONGEST_DATA = 16 * 1024;
const MOST_LINES = 200;
const COMMAND_MS = 30_000;

type Request =
  | ('event' | 'state-get' | 'state-set' | 'points' | 'history' | 'serial' | 'command')
  | ('profile' | 'profile-last' | 'profile-append');

/** One run of an instance as the host sees it: every message that comes in, and what the host asks of it. */
export class Session {
  readonly devices: SessionDevices;
  calls: Readonly<Record<string, WireCall>> = {};
  private readonly reads: SessionReads;
  private readonly state: SessionState;
  private readonly profiles: SessionProfiles;
  private readonly asked: Asked;
  private tap: { readonly ref: number; readonly to: LineTap } | undefined;
  private readonly events = new TokenBucket(EVENTS_PER_SECOND, EVENT_BURST);
  private readonly fileBytes = new TokenBucket(FILE_BYTES_PER_SECOND, FILE_BURST);
  private readonly states = new TokenBucket(STATES_PER_SECOND, STATE_BURST);

  private readonly stateReads = new TokenBucket(STATE_READS_PER_SECOND, STATE_READ_BURST);
  private readonly looks = new TokenBucket(LOOKS_PER_SECOND, LOOK_BURST);

  constructor(private readonly o: SessionOptions) {
    const { instance, parts, limits } = o;
    const send = (message: ToChild): void => o.send(message);
    this.devices = new SessionDevices({ ...o, send });
    this.reads = new SessionReads({
      clock: parts.clock,
      view: () => parts.gate.view(instance),
      send,
      backlog: () => o.backlog(),
    });
    this.state = new SessionState({ store: parts.store, instance, limit: limits.state });
    const { store, clock } = parts;
    this.profiles = new SessionProfiles({ store, clock, devices: this.devices, facts: o.facts });
    this.asked = new Asked({ clock: parts.clock, send });
  }

  /** Takes one message; gives the samples in it. Throws the SmxError that ends the process. */
  receive(raw: unknown): number {
    const message = checkedMessage(raw);
    if (message[0] === 's') return this.devices.samples(message[1], message[2], message[3] ?? []);
    this.take(message);
    return 0;
  }

  call(name: string, args: unknown, ms: number): Promise<unknown> {
    return this.asked.ask(`Call ${name}`, ms, (id) => ['call', id, name, args]);
  }

  async setpoint(handle: number, command: SetpointCommand | undefined): Promise<SetpointAnswer> {
    const ref = this.devices.setpointRef(handle);
    if (ref === undefined)
      throw new SmxError('SMX_POINT_UNKNOWN', `The instance ${this.o.instance} has no such set-point now`);
    const answer = await this.asked.ask('The set-point', COMMAND_MS, (id) =>
      command === undefined ? ['release', id, ref] : ['set', id, ref, command],
    );
    return checkedAnswer(answer);
  }

  /** Sends the raw bytes of a line to `to` until it stops. Throws SMX_TRANSPORT_BUSY where one records already. */
  record(ref: number, to: LineTap): { stop(): void } {
    if (this.tap !== undefined)
      throw new SmxError('SMX_TRANSPORT_BUSY', `A line of ${this.o.instance} is being recorded already; one at a time`);
    const tap = { ref, to };
    this.tap = tap;
    this.o.send(['record', ref]);
    return {
      stop: () => {
        if (this.tap !== tap) return;
        this.tap = undefined;
        this.o.send(['record', null]);
      },
    };
  }

  /** The run is over. */
  end(reason: string): void {
    this.tap?.to.end(reason);
    this.tap = undefined;
    this.asked.end(reason);
    this.reads.end();
    this.o.parts.names.withdraw(this.o.instance);
    this.devices.end(reason);
  }

  private take(message: ToHost): void {
    const { facts, log } = this.o;
    switch (message[0]) {
      case 'hello':
        this.calls = message[1].calls;
        break;
      case 'running':
        this.o.onRunning();
        break;
      case 'failed':
        this.o.onFailure('failed', this.masked(errorOfWire(message[1], 'SMX_EXTENSION_START')));
        break;
      case 'fatal':
        this.o.onFailure('fatal', this.masked(errorOfWire(message[2], 'SMX_EXTENSION_DIED')));
        break;
      case 'device':
        this.devices.add(message[1], message[2], message[3]);
        break;
      case 'device-update':
        this.devices.update(message[1], message[2]);
        break;
      case 'device-remove':
        this.devices.remove(message[1]);
        break;
      case 'online':
        this.devices.online(message[1], message[2], message[3] === null ? null : log.mask(message[3]));
        break;
      case 'point':
        this.devices.point(message[1], message[2], message[3]);
        break;
      case 'point-remove':
        this.devices.removePoint(message[1], message[2]);
        break;
      case 'refused':
        facts.counters.rejected += message[2] - 1;
        facts.refuse(`a value of ${message[1]}, which it had not declared`);
        break;
      case 'throttled':
        facts.counters.throttled += message[1];
        break;
      case 'exception':
        facts.counters.exceptions += message[3];
        if (message[2] !== '') log.error(`exception in ${message[1]}: ${message[2]}`);
        break;
      case 'status':
        facts.status = {
          state: message[1],
          ...(message[2] === null ? {} : { text: log.mask(message[2]) }),
          ...(message[3] === null ? {} : { progress: message[3] }),
        };
        break;
      case 'log':
        log[message[1]](message[2], message[3] ?? undefined);
        break;
      case 'line':
        if (message[2] === null) facts.lines.delete(message[1]);
        else if (facts.lines.size < MOST_LINES || facts.lines.has(message[1])) facts.lines.set(message[1], message[2]);
        break;
      case 'bytes':
        if (this.tap?.ref === message[1])
          this.tap.to.chunk({
            direction: message[2],
            t: message[3],
            bytes: Buffer.from(message[4], 'base64'),
            lost: message[5],
          });
        break;
      case 'recorded':
        if (this.tap?.ref !== message[1]) break;
        this.tap.to.end(message[2]);
        this.tap = undefined;
        break;
      case 'subscribe':
        this.subscribe(message[1], message[2]);
        break;
      case 'unsubscribe':
        this.reads.unsubscribe(message[1]);
        break;
      case 'history-next':
        this.reads.historyNext(message[1]);
        break;
      case 'history-end':
        this.reads.historyEnd(message[1]);
        break;
      case 'result':
        this.asked.resolve(message[1], message[2]);
        break;
      case 'error':
        this.asked.reject(message[1], { code: message[2].code, message: log.mask(message[2].message) });
        break;
      case 'event':
      case 'profile':
      case 'profile-last':
      case 'profile-append':
      case 'state-get':
      case 'state-set':
      case 'points':
      case 'history':
      case 'serial':
      case 'command':
        this.answer(message);
        break;
      case 's':
      case 'step':
      case 'pong':
      case 'stopped':
        break;
    }
  }

  private subscribe(sub: number, filter: string): void {
    try {
      this.within(this.looks, 'subscriptions');
      this.reads.subscribe(sub, filter);
    } catch (error) {
      this.o.facts.refuse(`subscribe ${filter}: ${wireOf(error).message}`);
      this.o.log.warn('a subscription was refused', { filter, reason: wireOf(error).message });
    }
  }

  /** Requests of the process: each is answered, whatever comes. */
  private answer(message: Extract<ToHost, readonly [Request, ...unknown[]]>): void {
    const id = message[1];
    const run = async (): Promise<unknown> => {
      switch (message[0]) {
        case 'event':
          return this.event(message[2], message[3]);
        case 'profile':
          return this.profiles.put(message[2], message[3]);
        case 'profile-last':
          return this.profiles.last(message[2], message[3]);
        case 'profile-append':
          return this.profiles.append(message[2], message[3], { rows: message[4], source: message[5] });
        case 'state-get':
          this.within(this.stateReads, 'reads of state');
          return this.state.get(message[2]);
        case 'state-set':
          this.within(this.states, 'writes of state');
          return this.state.set(message[2], message[3]);
        case 'points':
          this.within(this.looks, 'questions');
          return this.reads.points(message[2]);
        case 'history':
          this.within(this.looks, 'questions');
          return this.reads.history(id, message[2]);
        case 'command':
          return this.command({ point: message[2], value: message[3], for: message[4] });
        case 'serial':
          if (!this.o.permissions.serial)
            throw new SmxError(
              'SMX_EXTENSION_PERMISSION',
              'Serial lines need the permission "serial" in package.json, and for an installed package under allow:',
            );
          this.within(this.looks, 'questions');
          return this.o.parts.serial.open(message[2], message[3]);
      }
    };
    run().then(
      (value) => this.o.send(['ok', id, value ?? null]),
      (error: unknown) => this.o.send(['no', id, wireOf(error)]),
    );
  }

  private async command(command: InstanceCommand): Promise<string> {
    const { parts, instance } = this.o;
    if (parts.command === undefined)
      throw new SmxError('SMX_NOT_AVAILABLE', 'This box takes no commands of extensions');
    return parts.command(instance, command);
  }

  private async event(device: number, wire: WireEvent): Promise<void> {
    const { parts, log, instance } = this.o;
    this.within(this.events, 'events');
    const data = wire.data === undefined ? undefined : JSON.stringify(wire.data);
    if (data !== undefined && data.length > LONGEST_DATA)
      throw new SmxError('SMX_EXTENSION_LIMIT', `The data of an event has at most ${LONGEST_DATA} characters of JSON`);
    const path = this.devices.eventPath(device, wire.path);
    if (path === undefined) throw new SmxError('SMX_POINT_UNDECLARED', `Instance ${instance} has no such device`);
    const event: NewEvent = {
      t: wire.t ?? parts.clock.now(),
      path,
      code: wire.code,
      severity: wire.severity,
      state: wire.state,
      text: log.mask(wire.text),
      ...(data === undefined ? {} : { data: log.maskValue(wire.data) }),
      ...(wire.unique === true ? { unique: true } : {}),
    };
    await parts.store.addEvent(event, this.files(wire));
  }

  /** The files of an event. Throws SMX_EVENT_FILE, SMX_EXTENSION_LIMIT. */
  private files({ code, files = [] }: WireEvent): NewEventFile[] {
    const given = files.map(({ name, type, bytes }) => ({ name, type, bytes: Buffer.from(bytes, 'base64') }));
    checkFiles(code, given);
    for (const { bytes } of given) this.within(this.fileBytes, 'bytes of files', bytes.length);
    return given;
  }

  private within(bucket: TokenBucket, what: string, n = 1): void {
    const { clock } = this.o.parts;
    if (bucket.take(n, clock.monotonic()) === 0) return;
    bucket.take(-n, clock.monotonic());
    throw new SmxError('SMX_EXTENSION_LIMIT', `Too many ${what} at once; send fewer`);
  }

  private masked(error: SmxError): SmxError {
    return new SmxError(error.code, this.o.log.mask(error.message));
  }
}

function checkedAnswer(answer: unknown): SetpointAnswer {
  const outcome: unknown =
    typeof answer === 'object' && answer !== null && 'outcome' in answer ? answer.outcome : undefined;
  if (outcome === 'applied' || outcome === 'clamped' || outcome === 'ignored' || outcome === 'refused')
    return answer as SetpointAnswer;
  throw new SmxError('SMX_EXTENSION_CALL', 'The set-point handler answered none of applied, clamped, ignored, refused');
}
