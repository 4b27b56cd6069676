import type { JsonObject } from '../json.js';
import type { LimitCapabilities } from './capabilities.js';
import { ForeignProfiles } from './foreign-profiles.js';
import type { ProfileOutcome } from './outcome.js';
import { clearProfile, limitProfile, safeProfile, type Limit, type OwnProfile, type PlannedCall, type ProfileSettings } from './profiles.js'; // prettier-ignore
import { clears, placeOf, replaces } from './rival.js';
import { rungsOf, type LimitTarget, type Rung } from './rungs.js';

/**
 * `idle`: no limit is asked for; `trying`: it is on its way; `holding`: the station accepted it; `waiting`: only a transaction
 * could be limited, and none runs; `refused`: the station takes no profile of any rung.
 */
export type LimitState = 'idle' | 'trying' | 'holding' | 'waiting' | 'refused';

interface Installed {
  readonly profile: OwnProfile;
  readonly isShort: boolean;
  /** Accepted; else the station did not say, and may have it. */
  readonly isSure: boolean;
  readonly value: number;
  readonly at: number;
}

/** The back end and this box may not answer each other without end. */
const REASSERT_EVERY = 30_000;
const RETRY_AFTER = 30_000;
/** Least ms between two raises; what lowers goes at once. */
const RAISE_EVERY = 15_000;

/**
 * How one limit comes onto a station of 1.6 and stays there: a plan without clock and connection (`now` is ms UTC by the clock of
 * the station). `next` gives the one CALL to inject, `answered` takes how it ended; then `next` again, at `wakeAt` at the latest.
 */
export class LimitPlan {
  private readonly rungs: readonly Rung[];
  private readonly foreign = new ForeignProfiles();
  private installed: readonly Installed[] = [];
  private step = 0;
  private limit: Limit | undefined;
  private transactionId: number | undefined;
  private asked: PlannedCall | undefined;
  private assertedAt = -Infinity;
  private notBefore = -Infinity;

  constructor(
    capabilities: LimitCapabilities,
    target: LimitTarget,
    private readonly settings: ProfileSettings,
  ) {
    this.rungs = rungsOf(capabilities, target);
  }

  /** The rung in use or tried; undefined where all were refused. */
  get rung(): Rung | undefined {
    return this.rungs[this.step];
  }

  get state(): LimitState {
    if (this.limit === undefined) return 'idle';
    if (this.rung === undefined) return 'refused';
    if (this.isWithoutTransaction) return 'waiting';
    return this.there(true) ? 'holding' : 'trying';
  }

  /** What the station was told last and accepted, in the unit of the rung. */
  get value(): number | undefined {
    return this.state === 'holding' ? this.there(true)?.value : undefined;
  }

  /** Undefined takes it back: own profiles are cleared. */
  setLimit(limit: Limit | undefined): void {
    this.limit = limit;
  }

  /** The transaction at the outlet; undefined where none runs. With one go its own profiles. */
  setTransaction(transactionId: number | undefined): void {
    if (transactionId === this.transactionId) return;
    this.transactionId = transactionId;
    if (this.rung) this.foreign.transactionEnded(this.rung.connectorId);
    this.installed = this.installed.filter(({ profile }) => profile.purpose !== 'TxProfile');
  }

  /** A CALL of the back end that the station accepted: what it did to own profiles is done again, every 30 s at most. */
  backEnd(action: string, payload: JsonObject, now: number): readonly OwnProfile[] {
    const lost = this.installed.filter(({ profile }) => isLost(action, payload, profile));
    if (action === 'SetChargingProfile') this.foreign.set(payload);
    if (action === 'ClearChargingProfile') this.foreign.clear(payload);
    this.forget(lost, now);
    return lost.map(({ profile }) => profile);
  }

  /** The station began anew (BootNotification) and may have lost all. */
  anew(now: number): void {
    // a new firmware may take what the old one did not
    if (this.rung === undefined) this.step = 0;
    this.forget(this.installed, now);
  }

  next(now: number): PlannedCall | undefined {
    if (this.asked !== undefined || now < this.notBefore) return undefined;
    this.asked = this.planned(now);
    return this.asked;
  }

  answered(outcome: ProfileOutcome, now: number): void {
    const call = this.asked;
    this.asked = undefined;
    if (call === undefined) return;
    if (call.action === 'ClearChargingProfile') {
      // a station that does not know it any more has cleared it as well
      if (outcome === 'failed') this.notBefore = now + RETRY_AFTER;
      else this.installed = this.installed.filter(({ profile }) => profile.id !== call.profile.id);
    } else if (outcome === 'accepted' || outcome === 'failed') this.sent(call, outcome === 'accepted', now);
    else this.step = this.stepAfter(outcome);
  }

  /** When `next` has something to say without any news; undefined where it has not. */
  get wakeAt(): number | undefined {
    if (this.asked !== undefined) return undefined;
    if (this.stray !== undefined) return this.notBefore;
    if (this.state !== 'trying' && this.state !== 'holding') return undefined;
    return Math.max(this.notBefore, this.state === 'holding' ? this.dueAt : -Infinity);
  }

  private get isWithoutTransaction(): boolean {
    return this.rung?.purpose === 'TxProfile' && this.transactionId === undefined;
  }

  private get dueAt(): number {
    return (this.there(true)?.at ?? -Infinity) + this.settings.refresh;
  }

  private planned(now: number): PlannedCall | undefined {
    const { rung, limit } = this;
    const { stray } = this;
    if (stray) return clearProfile(stray.profile, stray.isShort);
    if (limit === undefined || rung === undefined || this.isWithoutTransaction) return undefined;
    const ceiling = this.foreign.ceiling(rung, this.settings);
    const request = { limit, now, ceiling, ...(this.transactionId !== undefined && { transactionId: this.transactionId }) }; // prettier-ignore
    const safe = safeProfile(rung, this.settings, request);
    if (safe && this.there(false)?.value !== safe.value) return safe;
    const call = limitProfile(rung, this.settings, request);
    return this.isDue(call, now) ? call : undefined;
  }

  private isDue(call: PlannedCall, now: number): boolean {
    const there = this.there(true);
    if (there === undefined || now >= this.dueAt) return true;
    const value = call.value ?? 0;
    return value < there.value || (value > there.value && now >= there.at + RAISE_EVERY);
  }

  /** What is surely on the station. */
  private there(isShort: boolean): Installed | undefined {
    return this.installed.find((one) => one.isShort === isShort && one.isSure);
  }

  /** What is on the station and not wanted there any more. */
  private get stray(): Installed | undefined {
    return this.installed.find(({ profile }) => this.limit === undefined || profile.purpose !== this.rung?.purpose);
  }

  private sent({ profile, isShort, value = 0 }: PlannedCall, isSure: boolean, now: number): void {
    const others = this.installed.filter((one) => !replaces(profile, one.profile));
    this.installed = [...others, { profile, isShort, isSure, value, at: now }];
    if (!isSure) this.notBefore = now + RETRY_AFTER;
  }

  private stepAfter(outcome: ProfileOutcome): number {
    if (outcome === 'not-implemented') return this.rungs.length;
    if (outcome === 'rejected') return this.step + 1;
    const { purpose, unit } = this.rung ?? {};
    const next = this.rungs.findIndex((rung, at) => at > this.step && (rung.purpose !== purpose || rung.unit !== unit));
    return next < 0 ? this.rungs.length : next;
  }

  private forget(lost: readonly Installed[], now: number): void {
    if (lost.length === 0) return;
    this.installed = this.installed.filter((one) => !lost.includes(one));
    this.notBefore = Math.max(this.notBefore, this.assertedAt + REASSERT_EVERY);
    this.assertedAt = Math.max(now, this.notBefore);
  }
}

function isLost(action: string, payload: JsonObject, profile: OwnProfile): boolean {
  if (action === 'ClearChargingProfile') return clears(payload, profile);
  const place = action === 'SetChargingProfile' ? placeOf(payload) : undefined;
  return place !== undefined && replaces(place, profile);
}
