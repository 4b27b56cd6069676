import { isSmxError, qualityName, type PointValue, type Quality } from '@smx-edge/model';
import type { PointReading } from '../context.js';
import type { LineState } from '../transports/types.js';
import type { ToChild, ToHost, WireDevice, WireError, WireEvent, WirePoint } from '../wire.js';
import type { Channel } from './channel.js';
import { ProfileBook } from './profile-book.js';
import { errorOfWire } from './requests.js';

export interface HarnessSample {
  /** `device/path…`. */
  readonly path: string;
  readonly value: PointValue;
  /** Source time, ms UTC; undefined = the box's receive time. */
  readonly t: number | undefined;
  readonly quality: Quality;
  readonly reason: string | undefined;
}

export interface HarnessDevice extends WireDevice {
  readonly name: string;
  online: boolean | undefined;
  reason: string | undefined;
  removed: boolean;
}

export interface HarnessGiven {
  /** Device names that another instance already owns. */
  readonly taken?: readonly string[];
  readonly refuses?: readonly string[];
  /** State left by an earlier run. */
  readonly state?: Readonly<Record<string, unknown>>;
  /** Load profiles left by an earlier run. */
  readonly profiles?: ProfileBook;
  /** What the instance may read of the box. */
  readonly points?: readonly PointReading[];
}

/** The host's side of a channel inside a test: keeps everything an extension said, and answers as a box would. */
export class HarnessHost implements Channel {
  readonly congested = false;
  readonly devices = new Map<number, HarnessDevice>();
  readonly definitions = new Map<string, WirePoint>();
  readonly batches: HarnessSample[][] = [];
  readonly values = new Map<string, HarnessSample>();
  readonly events: (WireEvent & { readonly device: string })[] = [];
  readonly logs: { level: string; message: string; fields: Readonly<Record<string, unknown>> | null }[] = [];
  readonly statuses: { state: string; text: string | null; progress: number | null }[] = [];
  readonly exceptions: { origin: string; text: string }[] = [];
  readonly refused: string[] = [];
  readonly lines = new Map<number, LineState>();
  readonly state: Map<string, unknown>;
  /** Load profiles as a box would keep them. */
  readonly profiles: ProfileBook;
  running = false;
  stopped = false;
  failed: WireError | undefined;
  private receive: (message: ToChild) => void = () => {};
  private readonly paths = new Map<number, string>();
  private readonly watchers = new Set<() => void>();
  private readonly subscriptions = new Map<number, string>();
  private readonly asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private lastId = 0;

  constructor(private readonly given: HarnessGiven) {
    this.state = new Map(Object.entries(given.state ?? {}));
    this.profiles = given.profiles ?? new ProfileBook();
  }

  send(message: ToHost): void {
    // over the real wire nothing but JSON survives
    this.take(JSON.parse(JSON.stringify(message)) as ToHost);
    for (const watcher of [...this.watchers]) watcher();
  }

  onDrain(): void {
    // never congested
  }

  onMessage(fn: (message: ToChild) => void): void {
    this.receive = fn;
  }

  /** Number of a declared point by its full path. */
  refOf(path: string): number | undefined {
    for (const [ref, known] of this.paths) if (known === path) return ref;
    return undefined;
  }

  ask(message: (id: number) => ToChild): Promise<unknown> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.receive(message(id));
    });
  }

  tell(message: ToChild): void {
    this.receive(message);
  }

  watch(fn: () => void): () => void {
    this.watchers.add(fn);
    return () => this.watchers.delete(fn);
  }

  /** Answers travel in a later turn, as from another process. */
  private reply(message: ToChild): void {
    setImmediate(() => this.receive(message));
  }

  private take(message: ToHost): void {
    switch (message[0]) {
      case 'running':
        this.running = true;
        break;
      case 'failed':
        this.failed = message[1];
        break;
      case 'stopped':
        this.stopped = true;
        break;
      case 'device':
        this.addDevice(message[1], message[2], message[3]);
        break;
      case 'device-update':
        Object.assign(this.devices.get(message[1]) ?? {}, message[2]);
        break;
      case 'device-remove':
        this.change(message[1], { removed: true, online: false });
        break;
      case 'online':
        this.change(message[1], { online: message[2], reason: message[3] ?? undefined });
        break;
      case 'point': {
        const [, ref, device, definition] = message;
        const path = `${this.devices.get(device)?.name ?? '?'}/${definition.path}`;
        this.paths.set(ref, path);
        this.definitions.set(path, definition);
        this.reply(['point', ref, ref, null]);
        break;
      }
      case 'point-remove':
        this.removePoint(message[1]);
        break;
      case 's':
        this.addBatch(message);
        break;
      case 'refused':
        this.refused.push(message[1]);
        break;
      case 'exception':
        this.exceptions.push({ origin: message[1], text: message[2] });
        break;
      case 'status':
        this.statuses.push({ state: message[1], text: message[2], progress: message[3] });
        break;
      case 'log':
        this.logs.push({ level: message[1], message: message[2], fields: message[3] });
        break;
      case 'line':
        if (message[2] === null) this.lines.delete(message[1]);
        else this.lines.set(message[1], message[2]);
        break;
      case 'event':
        this.addEvent({ ...message[3], device: this.devices.get(message[2])?.name ?? '?' });
        this.reply(['ok', message[1], null]);
        break;
      default:
        this.takeRequest(message);
    }
  }

  private takeRequest(message: ToHost): void {
    switch (message[0]) {
      case 'state-get':
        this.reply(['ok', message[1], this.state.get(message[2]) ?? null]);
        break;
      case 'state-set':
        if (message[3] === null) this.state.delete(message[2]);
        else this.state.set(message[2], message[3]);
        this.reply(['ok', message[1], null]);
        break;
      case 'profile':
      case 'profile-last':
      case 'profile-append':
        void this.answer(message[1], this.takeProfile(message));
        break;
      case 'points':
        this.reply(['ok', message[1], this.given.points ?? []]);
        break;
      case 'subscribe':
        this.subscriptions.set(message[1], message[2]);
        break;
      case 'history':
        this.reply(['no', message[1], { code: 'SMX_NOT_AVAILABLE', message: 'The test harness has no history' }]);
        break;
      case 'command':
        this.reply(['no', message[1], { code: 'SMX_NOT_AVAILABLE', message: 'The test harness has no other devices' }]);
        break;
      case 'serial':
        this.reply([
          'no',
          message[1],
          { code: 'SMX_TRANSPORT_ABSENT', message: 'The test harness has no serial ports' },
        ]);
        break;
      case 'result':
        this.asked.get(message[1])?.resolve(message[2]);
        break;
      case 'error':
        this.asked.get(message[1])?.reject(errorOfWire(message[2]));
        break;
      default:
        break;
    }
  }

  private takeProfile(
    message: Extract<ToHost, readonly ['profile' | 'profile-last' | 'profile-append', ...unknown[]]>,
  ): Promise<unknown> {
    const device = this.devices.get(message[2])?.name ?? '?';
    if (message[0] === 'profile') return this.profiles.put({ device, ...message[3] });
    if (message[0] === 'profile-last') return this.profiles.last({ device, id: message[3] });
    return this.profiles.append({ device, id: message[3], rows: message[4] });
  }

  private async answer(id: number, work: Promise<unknown>): Promise<void> {
    try {
      this.reply(['ok', id, (await work) ?? null]);
    } catch (error) {
      if (!isSmxError(error)) throw error;
      this.reply(['no', id, { code: error.code, message: error.message }]);
    }
  }

  private addEvent(event: WireEvent & { readonly device: string }): void {
    const keyOf = ({ device, t, code, data }: typeof event): string => JSON.stringify([device, t, code, data]);
    if (event.unique !== true || !this.events.some((kept) => keyOf(kept) === keyOf(event))) this.events.push(event);
  }

  private addDevice(ref: number, name: string, init: WireDevice): void {
    const given = this.given.taken?.includes(name) === true ? `${name}-test` : name;
    this.devices.set(ref, { ...init, name: given, online: undefined, reason: undefined, removed: false });
    const isRefused = this.given.refuses?.includes(name) === true;
    this.reply(['device', ref, given, isRefused ? 'another instance has it' : null]);
  }

  private removePoint(ref: number): void {
    const path = this.paths.get(ref);
    if (path === undefined) return;
    this.paths.delete(ref);
    this.definitions.delete(path);
    this.values.delete(path);
  }

  private change(ref: number, change: Partial<HarnessDevice>): void {
    const device = this.devices.get(ref);
    if (device !== undefined) Object.assign(device, change);
  }

  private addBatch([, t, pairs, extras = []]: Extract<ToHost, readonly ['s', ...unknown[]]>): void {
    const batch: HarnessSample[] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      const extra = extras.find(([index]) => index === i / 2);
      batch.push({
        path: this.paths.get(Number(pairs[i])) ?? '?',
        value: pairs[i + 1] ?? null,
        t: extra?.[3] ?? t ?? undefined,
        quality: qualityName(extra?.[1] ?? 0),
        reason: extra?.[2] ?? undefined,
      });
    }
    this.batches.push(batch);
    for (const sample of batch) this.values.set(sample.path, sample);
  }
}
