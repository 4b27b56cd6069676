import type { SmxContext } from '@smx-edge/extension-api';
import { inject, type InjectArgs } from './inject/inject.js';
import type { InjectAnswer } from './inject/answer.js';
import { Injections } from './inject/injections.js';
import { InjectionPace } from './inject/pace.js';
import { InjectionRate } from './inject/rate.js';
import { injectEveryOf, profileSettingsOf } from './limits/limit-settings.js';
import { payloadOf } from './limits/payload.js';
import { StationLimits } from './limits/station-limits.js';
import { StationMemory } from './observe/memory.js';
import type { StationClock } from './observe/station-clock.js';
import { Stations } from './observe/stations.js';
import type { CircuitListener, InjectedCall, InjectionAnswer } from './relay/circuit.js';
import { Circuits } from './relay/circuits.js';
import type { ProxyConfig, RelaySettings } from './settings.js';
import { stationStatus } from './status/station-status.js';

/** An instance that stops has 10 s; charge points that do not answer must not take all of them, ms. */
const LAST_WORDS = 3000;
const WATCH = '1s';
/** Charge points of which injections are remembered. */
const MOST = 1000;

/** What the site sees of its charge points and does with them, beside what is relayed. */
export class Site {
  /** Connected charge points; none before the relay is there. */
  circuits = new Circuits();
  private readonly pace: InjectionPace;
  private readonly rate: InjectionRate;
  private readonly injections = new Map<string, Injections>();
  private readonly limits = new Map<string, StationLimits>();
  private stations: Stations | undefined;
  private tagKey: Buffer | undefined;

  private constructor(
    private readonly smx: SmxContext<ProxyConfig>,
    private readonly settings: RelaySettings,
  ) {
    this.pace = new InjectionPace(injectEveryOf(smx.config));
    this.rate = new InjectionRate(smx.config['inject-per-minute']);
  }

  static async load(smx: SmxContext<ProxyConfig>, settings: RelaySettings): Promise<Site> {
    const site = new Site(smx, settings);
    if (smx.config.observe) await site.observe();
    return site;
  }

  get listeners(): readonly CircuitListener[] {
    return this.stations ? [this.stations] : [];
  }

  inject(args: InjectArgs): Promise<InjectAnswer> {
    return inject(args, {
      pace: this.pace,
      rate: this.rate,
      circuit: (station) => this.circuits.get(station),
      injections: (station) => this.injectionsOf(station),
      ordered: (station, call, answer) => this.ordered(station, call, answer),
      now: () => this.smx.now(),
    });
  }

  /** What a party or a mirror had a charge point do, and what that answered: a limit may be gone by it. */
  ordered(station: string, { action, payload }: InjectedCall, answer: InjectionAnswer): void {
    if (payloadOf(answer)['status'] === 'Accepted') this.limits.get(station)?.ordered(action, payload);
  }

  /** Charge points that are or were connected, or that the config names. */
  get identities(): readonly string[] {
    const known = [...(this.stations ?? [])].map(({ identity }) => identity);
    const connected = [...this.circuits].map(({ handshake }) => handshake.identity);
    return [...new Set([...known, ...connected])];
  }

  knows(station: string): boolean {
    return this.stations?.get(station) !== undefined || this.circuits.get(station) !== undefined;
  }

  status(identity: string): object {
    return stationStatus({
      identity,
      station: this.stations?.get(identity),
      circuit: this.circuits.get(identity),
      limits: this.limits.get(identity),
      injections: this.injectionsOf(identity),
      backEnd: this.backEndOf(identity),
      tagKey: this.tagKey,
    });
  }

  private backEndOf(identity: string): { readonly host: string | null; readonly away: string } {
    const station = this.settings.stationOf(identity);
    return { host: station === undefined ? null : new URL(station.backend).host, away: station?.away ?? 'mirror' };
  }

  private async observe(): Promise<void> {
    const { smx } = this;
    const { stations = {} } = smx.config;
    const memory = await StationMemory.load(smx);
    this.tagKey = memory.tagKey;
    this.stations = await Stations.load({
      smx,
      memory,
      given: new Map(Object.entries(stations)),
      isOpen: smx.config.stations === undefined,
      followerOf: (identity, clock) => this.limitsOf(identity, { memory, clock }),
    });
    smx.every(WATCH, () => {
      for (const limits of this.limits.values()) limits.tick();
    });
  }

  /** Takes the limits off, as long as the charge points are connected. */
  async stop(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const over = new Promise((resolve) => (late = setTimeout(resolve, LAST_WORDS)));
    await Promise.race([Promise.allSettled([...this.limits.values()].map((limits) => limits.stop())), over]);
    clearTimeout(late);
  }

  private limitsOf(identity: string, { memory, clock }: { memory: StationMemory; clock: StationClock }): StationLimits {
    const { smx } = this;
    const limits = new StationLimits({
      settings: profileSettingsOf(smx.config, smx.config.stations?.[identity]),
      injections: this.injectionsOf(identity),
      clock,
      now: () => smx.now(),
      left: memory.profilesOf(identity),
      keep: (ids) => memory.keepProfiles(identity, ids),
      keptCapabilities: () => memory.capabilitiesOf(identity),
      keepCapabilities: (known) => memory.keepCapabilities(identity, known),
      log: (text, fields) => smx.log.info(text, fields),
    });
    this.limits.set(identity, limits);
    return limits;
  }

  private injectionsOf(identity: string): Injections {
    const known = this.injections.get(identity);
    if (known !== undefined) return known;
    const injections = new Injections(() => this.smx.now());
    const [oldest] = this.injections.keys();
    if (this.injections.size >= MOST && oldest !== undefined) this.injections.delete(oldest);
    this.injections.set(identity, injections);
    return injections;
  }
}
