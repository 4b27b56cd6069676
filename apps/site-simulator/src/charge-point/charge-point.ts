import type { Disposable } from '@smx-edge/model';
import type { PhasePower } from '../house/index.js';
import { FaultBook, type Fault, type SiteDevice } from '../line/index.js';
import { numberOf, textOf, type Answer, type JsonObject, type Reply } from '../ocpp/index.js';
import { Charging } from './charging.js';
import type { ChargingProfile } from './charging-profile.js';
import type { Dialect } from './dialect.js';
import { Dialect16 } from './dialect-16.js';
import { Dialect2 } from './dialect-2.js';
import { compositeSchedule } from './effective-limit.js';
import type { ChargePointOptions, ChargePointTools } from './options.js';
import { Outbox, type OutboxCounts } from './outbox.js';
import { HouseOutlet, LoneOutlet, type Outlet } from './outlet.js';
import { ProfileStore, type ProfileRules } from './profile-store.js';
import { STATION_QUIRKS, type StationQuirk } from './quirks.js';
import { Settings } from './settings.js';
import type { StationDoor } from './station-door.js';
import { Tokens } from './tokens.js';
import type { OutletStatus } from './transaction.js';
import { Uplink, type LinkEnd } from './uplink.js';

/** A station as it is now; powers in W, currents in A per phase, energies in Wh, times in ms UTC. */
export interface ChargePointState {
  readonly id: string;
  readonly isConnected: boolean;
  /** The back end has accepted its BootNotification. */
  readonly isAccepted: boolean;
  readonly status: OutletStatus;
  readonly transaction?: { readonly id: string | null; readonly tag: string; readonly began: number };
  /** What profiles leave of its current, whether or not anything charges. */
  readonly limit: number;
  /** What the car is offered: 0, or 6 and more. */
  readonly offered: number;
  readonly current: readonly number[];
  readonly power: number;
  readonly energy: number;
  readonly profiles: readonly ChargingProfile[];
  /** Messages about transactions that wait. */
  readonly waiting: number;
  readonly counts: OutboxCounts;
  readonly dials: number;
  readonly lastEnd: LinkEnd;
}

/** s until a station asks again that was not accepted and not told when. */
const ASK_AGAIN = 30;
const RESTART = 500;
const CURRENT = 16;

/**
 * A simulated charge point with one outlet: it dials its back end, charges what it may, and tells of it as OCPP 1.6J or 2.0.1 say.
 * Messages about transactions are kept in order until they are answered. Nothing of it rejects once it is open.
 */
export class ChargePoint implements SiteDevice {
  readonly faultRules = STATION_QUIRKS;
  readonly settings: Settings;
  private readonly faults: FaultBook<StationQuirk>;
  private readonly profiles = new ProfileStore();
  private readonly outlet: Outlet;
  private readonly outbox: Outbox;
  private readonly uplink: Uplink;
  private readonly charging: Charging;
  private readonly dialect: Dialect;
  private readonly door: StationDoor;
  private readonly isHouseDriven: boolean;
  private isAccepted = false;
  private isClosed = false;
  private told: OutletStatus | undefined;
  private beat: Disposable | undefined;
  private pinging: Disposable | undefined;
  private boot: Disposable | undefined;
  private seconds: Disposable | undefined;

  private constructor(
    private readonly o: ChargePointOptions,
    private readonly tools: ChargePointTools,
  ) {
    const { house } = tools;
    const car = o.car === false ? undefined : house?.ev;
    this.faults = new FaultBook(o.seed ?? 1, STATION_QUIRKS);
    this.settings = new Settings(o.settings);
    this.outlet = house !== undefined && car !== undefined ? new HouseOutlet(house, car) : new LoneOutlet();
    this.isHouseDriven = car !== undefined;
    this.dialect = o.version === '2.0.1' ? new Dialect2(o.id) : new Dialect16(o.id, () => this.faults.has('negative'));
    const { settings, profiles, dialect, outlet } = this;
    this.outbox = new Outbox({
      clock: tools.clock,
      call: (action, payload) => this.uplink.call(action, payload),
      retry: () => ({ attempts: settings.number('TransactionMessageAttempts') || 1, interval: settings.number('TransactionMessageRetryInterval') * 1000 }), // prettier-ignore
    });
    const isOnline = (): boolean => this.uplink.isUp && this.isAccepted;
    const tokens = new Tokens({ settings, dialect, outbox: this.outbox, isOnline });
    this.charging = new Charging({
      ...{ settings, profiles, dialect, outlet, outbox: this.outbox, tokens, isOnline },
      ...{ phases: o.phases ?? 3, most: o.current ?? CURRENT, tag: o.tag === undefined ? 'OWNER' : o.tag },
      now: () => this.now,
    });
    this.door = this.openDoor();
    this.uplink = new Uplink({
      ...{ options: o, tools, subprotocol: dialect.subprotocol, faults: this.faults },
      onUp: () => this.up(),
      onDown: () => this.down(),
      onCall: (action, payload) => this.hasNo(action) ?? dialect.answer(action, payload, this.door),
    });
  }

  /** Dials at once and resolves before it is connected. Rejects SMX_SIMULATOR_SETPOINT. */
  static async open(options: ChargePointOptions, tools: ChargePointTools): Promise<ChargePoint> {
    const station = new ChargePoint(options, tools);
    for (const fault of options.faults ?? []) station.setFault(fault);
    if (station.isHouseDriven) tools.house?.govern(() => station.second());
    else tools.house?.add({ name: options.id, add: (_, into) => station.draw(into) });
    station.dial();
    return station;
  }

  /** The back end that it dials. */
  get source(): string {
    return this.uplink.url;
  }

  get state(): ChargePointState {
    const { charging, outlet, outbox, uplink } = this;
    const { transaction } = charging;
    return {
      ...{ id: this.o.id, isConnected: uplink.isUp, isAccepted: this.isAccepted, status: charging.status },
      ...(transaction && { transaction: { id: transaction.id ?? null, tag: transaction.tag, began: transaction.began } }), // prettier-ignore
      ...{ limit: charging.limit.ampere, offered: charging.offered, current: outlet.current },
      ...{ power: Array.from(outlet.power).reduce((sum, watt) => sum + watt, 0), energy: outlet.energy },
      ...{ profiles: this.profiles.list, waiting: outbox.waiting, counts: { ...outbox.counts } },
      ...{ dials: uplink.dials, lastEnd: uplink.end },
    };
  }

  /** The subprotocol of its connection. */
  get subprotocol(): string | undefined {
    return this.uplink.subprotocol;
  }

  get activeFaults(): Fault<StationQuirk>[] {
    return this.faults.list;
  }

  /** Throws SMX_SIMULATOR_SETPOINT. */
  setFault(fault: Fault<StationQuirk>): void {
    this.faults.set(fault);
  }

  clearFault(kind?: StationQuirk): void {
    this.faults.clear(kind);
  }

  /** Plugs a car in or out by hand; null = as the car of the house does by itself. */
  plug(isPlugged: boolean | null): void {
    this.outlet.plug(isPlugged);
    if (!this.isHouseDriven) this.second();
  }

  /** A card before its reader: ends what runs, or may begin. */
  async swipe(tag: string): Promise<void> {
    await this.charging.swipe(tag);
    this.tellStatus();
  }

  /** As a network cable that is pulled and put in again. */
  cut(): void {
    this.uplink.cut();
  }

  /** Ends its connection by a close frame; it comes back after its pause. */
  hangUp(code?: number): void {
    this.uplink.hangUp(code);
  }

  /** Now, whatever pause it is in. */
  dial(): void {
    this.uplink.dial();
  }

  ping(): void {
    this.uplink.ping();
  }

  /** As by a Reset of the back end: a charge ends, it goes and boots anew. What it keeps, it keeps. */
  restart(isHard: boolean): void {
    this.charging.stop(isHard ? 'HardReset' : 'SoftReset');
    this.tools.clock.after(RESTART, () => {
      this.isAccepted = false;
      this.told = undefined;
      this.uplink.hangUp();
    });
  }

  /** Any CALL of its own. Never rejects. */
  call(action: string, payload: JsonObject): Promise<Answer> {
    return this.outbox.say(action, payload);
  }

  tick(): void {
    this.charging.sample(this.now);
    this.tellStatus();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const timer of [this.beat, this.boot, this.seconds, this.pinging]) timer?.dispose();
    this.outbox.set('down');
    await this.uplink.close();
  }

  private get now(): number {
    const { house, clock, now = () => house?.t ?? clock.now() } = this.tools;
    return now();
  }

  /** What a CALL gets that it does not know, in the word of its version. */
  private hasNo(action: string): Reply | undefined {
    if (action !== 'GetCompositeSchedule' || !this.faults.has('no-composite')) return undefined;
    return { code: this.o.version === '2.0.1' ? 'NotSupported' : 'NotImplemented' };
  }

  private get rules(): ProfileRules {
    const { settings, faults, charging } = this;
    const units = settings.text('ChargingScheduleAllowedChargingRateUnit');
    return {
      maxLevel: settings.number('ChargeProfileMaxStackLevel'),
      maxPeriods: settings.number('ChargingScheduleMaxPeriods'),
      maxProfiles: faults.has('no-profiles') ? 0 : settings.number('MaxChargingProfilesInstalled'),
      units: [...(units.includes('Current') ? ['A'] : []), ...(units.includes('Power') ? ['W'] : [])],
      isTopRefused: faults.has('max-level'),
      hasNoStationProfile: faults.has('no-station-profile'),
      transactionId: charging.transaction?.id,
    };
  }

  private openDoor(): StationDoor {
    const { charging, settings, profiles, outbox, dialect } = this;
    const [phases, most] = [this.o.phases ?? 3, this.o.current ?? CURRENT] as const;
    const nowOf = (): number => this.now;
    const rulesOf = (): ProfileRules => this.rules;
    const messages: Readonly<Record<string, () => void>> = {
      BootNotification: () => void this.sendBoot(),
      Heartbeat: () => void this.sendHeartbeat(),
      StatusNotification: () => this.tellStatus(true),
      MeterValues: () => {
        const { action, payload } = dialect.values(charging.measured(this.now, 'Trigger'));
        void outbox.say(action, payload);
      },
    };
    return {
      ...{ settings, profiles },
      get now() {
        return nowOf();
      },
      get rules() {
        return rulesOf();
      },
      get transaction() {
        return charging.transaction;
      },
      remoteStart: (tag, remoteStartId) => charging.remoteStart(tag, remoteStartId),
      remoteStop: (id) => charging.remoteStop(id),
      unlock: () => charging.stop('UnlockCommand'),
      restart: (isHard) => this.restart(isHard),
      available: (isAvailable) => charging.available(isAvailable),
      trigger: (message) => {
        messages[message]?.();
        return Object.hasOwn(messages, message);
      },
      composite: ({ connector, duration, unit }) => {
        const { transaction } = charging;
        const running = transaction && { id: transaction.id ?? '', began: transaction.began };
        const from = Math.floor(this.now / 1000) * 1000;
        return compositeSchedule(profiles.list, { from, duration, unit }, { connector, phases, most, transaction: running }); // prettier-ignore
      },
    };
  }

  /** What a car beside the one of the house takes of it. */
  private draw({ watt }: PhasePower): void {
    if (this.isClosed) return;
    for (let i = 0; i < watt.length; i++) watt[i]! += this.outlet.power[i]!;
  }

  private second(): void {
    if (this.isClosed) return;
    this.charging.second(this.now);
    if (this.isHouseDriven) return;
    this.tick();
    this.seconds?.dispose();
    const isIdle = !this.outlet.isPlugged && this.charging.transaction === undefined;
    // a station at rest costs no timer
    this.seconds = isIdle ? undefined : this.tools.clock.after(1000, () => this.second());
  }

  private up(): void {
    this.outbox.set(this.isAccepted ? 'ready' : 'up');
    if (!this.isAccepted) void this.sendBoot();
    else {
      this.charging.online();
      this.tellStatus();
    }
    this.armHeartbeat();
    this.armPing();
  }

  private down(): void {
    this.outbox.set('down');
    for (const timer of [this.beat, this.boot, this.pinging]) timer?.dispose();
  }

  private async sendBoot(): Promise<void> {
    const { action, payload } = this.dialect.boot();
    const answer = await this.outbox.say(action, payload);
    if (this.isClosed || answer.kind === 'lost') return;
    const interval = numberOf(answer.payload, 'interval') ?? 0;
    if (textOf(answer.payload, 'status') !== 'Accepted') {
      // what was not answered has waited long enough
      const wait = answer.kind === 'timeout' ? 0 : (interval > 0 ? interval : ASK_AGAIN) * 1000;
      this.boot = this.tools.clock.after(wait, () => void this.sendBoot());
      return;
    }
    if (interval > 0) this.settings.put('HeartbeatInterval', String(interval));
    const isFirst = !this.isAccepted;
    this.isAccepted = true;
    this.outbox.set('ready');
    this.charging.online();
    this.armHeartbeat();
    if (isFirst) this.tellStation();
  }

  private tellStation(): void {
    if (this.dialect.subprotocol === 'ocpp1.6') {
      const { action, payload } = this.dialect.status(0, 'Available', this.now);
      void this.outbox.say(action, payload);
    }
    this.tellStatus(true);
  }

  private tellStatus(isAsked = false): void {
    const { status } = this.charging;
    if (!this.uplink.isUp || !this.isAccepted || (status === this.told && !isAsked)) return;
    this.told = status;
    const { action, payload } = this.dialect.status(1, status, this.now);
    void this.outbox.say(action, payload).then(({ kind }) => {
      if (kind === 'lost') this.told = undefined;
    });
  }

  private async sendHeartbeat(): Promise<void> {
    const { action, payload } = this.dialect.heartbeat();
    await this.outbox.say(action, payload);
  }

  private armHeartbeat(): void {
    this.beat?.dispose();
    const interval = this.settings.number('HeartbeatInterval') * 1000;
    if (interval <= 0 || this.isClosed) return;
    this.beat = this.tools.clock.after(interval, () => {
      if (this.uplink.isUp && this.isAccepted) void this.sendHeartbeat();
      this.armHeartbeat();
    });
  }

  private armPing(): void {
    this.pinging?.dispose();
    const interval = this.settings.number('WebSocketPingInterval') * 1000;
    if (interval <= 0 || this.isClosed) return;
    this.pinging = this.tools.clock.after(interval, () => {
      this.uplink.ping();
      this.armPing();
    });
  }
}
