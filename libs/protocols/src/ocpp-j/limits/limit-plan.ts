import type { JsonObject } from '../json.js';
import type { LimitCapabilities } from './capabilities.js';
import { ForeignProfiles } from './foreign-profiles.js';
import type { ProfileOutcome } from './outcome.js';
import { clearProfile, limitIn, limitProfile, safeProfile, theirProfile, type Limit, type OwnProfile, type PlannedCall, type ProfileSettings } from './profiles.js'; // prettier-ignore
import { clears, placeOf, replaces } from './rival.js';
import { rungsOf, type Ladder, type LimitTarget, type Rung } from './rungs.js';

/**
 * `idle`: no limit is asked for; `trying`: it is on its way; `holding`: the station accepted it; `overruled`: it
 * did, and a profile of the back end for the transaction counts in its stead; `waiting`: only a transaction could be limited, and
 * none runs; `refused`: the station takes no profile of any rung.
 */
export type LimitState = 'idle' | 'trying' | 'holding' | 'overruled' | 'waiting' | 'refused';

interface Installed {
  readonly profile: OwnProfile;
  readonly isShort: boolean;
  /** Accepted; else the station did not say, and may have it. */
  readonly isSure: boolean;
  readonly rung: Rung;
  readonly value: number;
  readonly at: number;
}

/** The back end and this box may not answer each other without end. */
const REASSERT_EVERY = 30_000;
const RETRY_AFTER = 30_000;
/** Least ms between two raises; what lowers goes at once. */
const RAISE_EVERY = 15_000;

/**
 * How one limit comes onto a station of 1.6 and stays there: a plan without clock and connection (`now` is ms UTC of this box). `next` gives the one CALL to inject, `answered` takes how it ended; then `next` again, at `wakeAt` at the latest.
 */
export class LimitPlan {
  /** ms that the station's clock is ahead of this box: profiles begin by its clock. */
  clockOffset = 0;
  private readonly ladder: Ladder;
  private readonly foreign = new ForeignProfiles();
  private installed: readonly Installed[] = [];
  private steps = { standing: 0, ofTransaction: 0 };
  private limit: Limit | undefined;
  private transactionId: number | string | undefined;
  private asked: PlannedCall | undefined;
  private assertedAt = -Infinity;
  private notBefore = -Infinity;

  constructor(
    capabilities: LimitCapabilities,
    private readonly target: LimitTarget,
    private readonly settings: ProfileSettings,
  ) {
    this.ladder = rungsOf(capabilities, target);
  }

  /** The rung in use or tried; undefined where all were refused. */
  get rung(): Rung | undefined {
    return this.isOnTransaction ? this.ofTransaction : this.standing;
  }

  get state(): LimitState {
    if (this.limit === undefined) return 'idle';
    if (this.rung === undefined) return 'refused';
    if (this.isWithoutTransaction) return 'waiting';
    if (this.there(true) === undefined) return 'trying';
    return this.isOverruled && this.rung.purpose === 'TxDefaultProfile' ? 'overruled' : 'holding';
  }

  /** What the station was told last and accepted, in the unit of the rung; whether it counts is what `state` says. */
  get value(): number | undefined {
    return this.there(true)?.value;
  }

  /** Undefined takes it back: own profiles are cleared, and those of the back end put back that they displaced. */
  setLimit(limit: Limit | undefined): void {
    this.limit = limit;
  }

  /** The transaction at the outlet; undefined where none runs. With one go its own profiles. */
  setTransaction(transactionId: number | string | undefined): void {
    if (transactionId === this.transactionId) return;
    this.transactionId = transactionId;
    this.foreign.transactionEnded(this.target.connectorId);
    this.installed = this.installed.filter(({ profile }) => profile.purpose !== 'TxProfile');
  }

  /** A CALL of the back end that the station accepted: what it did to own profiles is done again, every 30 s at most. */
  backEnd(action: string, payload: JsonObject, now: number): readonly OwnProfile[] {
    const lost = this.installed.filter(({ profile }) => isLost(action, payload, profile));
    if (action === 'SetChargingProfile') this.foreign.set(payload);
    if (action === 'ClearChargingProfile') this.foreign.clear(payload);
    // one that begins anew may have kept them all the same
    this.doubt(lost, { now, isGone: action !== 'Reset' });
    // it needs some time to begin anew
    if (action === 'Reset') this.notBefore = Math.max(this.notBefore, now + RETRY_AFTER);
    return lost.map(({ profile }) => profile);
  }

  /** The station began anew (BootNotification) and may have lost all. */
  anew(now: number): void {
    // a new firmware may take what the old one did not
    if (this.rung === undefined) this.steps = { standing: 0, ofTransaction: 0 };
    this.doubt(this.installed, { now, isGone: false });
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
    if (call.isTheirs === true) {
      if (outcome === 'failed') this.notBefore = now + RETRY_AFTER;
      else this.foreign.restored(call.profile.id, outcome === 'accepted');
    } else if (call.action === 'ClearChargingProfile') {
      // a station that does not know it any more has cleared it as well
      if (outcome === 'failed') this.notBefore = now + RETRY_AFTER;
      else this.installed = this.installed.filter(({ profile }) => profile.id !== call.profile.id);
    } else if (outcome === 'accepted' || outcome === 'failed') this.sent(call, outcome === 'accepted', now);
    else this.stepDown(outcome);
  }

  /** When `next` has something to say without any news; undefined where it has not. */
  get wakeAt(): number | undefined {
    if (this.asked !== undefined) return undefined;
    if (this.stray !== undefined || this.owed !== undefined) return this.notBefore;
    if (this.state === 'refused' || this.state === 'waiting' || this.limit === undefined) return undefined;
    return Math.max(this.notBefore, this.dueAt);
  }

  private get standing(): Rung | undefined {
    return this.ladder.standing[this.steps.standing];
  }

  private get ofTransaction(): Rung | undefined {
    return this.ladder.ofTransaction[this.steps.ofTransaction];
  }

  /** Whether the rung for one transaction is in use: nothing else was taken, or nothing else counts. */
  private get isOnTransaction(): boolean {
    if (this.standing === undefined) return true;
    return this.isOverruled && this.transactionId !== undefined && this.ofTransaction !== undefined;
  }

  private get isOverruled(): boolean {
    return this.standing?.purpose === 'TxDefaultProfile' && this.foreign.hasTransactionProfile(this.target.connectorId);
  }

  private get isWithoutTransaction(): boolean {
    return this.rung?.purpose === 'TxProfile' && this.transactionId === undefined;
  }

  /** When the limit is to be sent: at once where it is lower than the one there, a raise after a while, else to refresh it. */
  private get dueAt(): number {
    const { rung, limit } = this;
    const there = this.there(true);
    if (there === undefined || rung === undefined || limit === undefined) return -Infinity;
    const wanted = Math.min(limitIn(rung.unit, limit, this.settings), this.foreign.ceiling(rung, this.settings));
    if (wanted < there.value) return -Infinity;
    return there.at + (wanted > there.value ? Math.min(RAISE_EVERY, this.settings.refresh) : this.settings.refresh);
  }

  private planned(now: number): PlannedCall | undefined {
    const { rung, limit, stray, owed } = this;
    if (stray) return clearProfile(stray.profile, stray.isShort);
    if (owed) return theirProfile(owed);
    if (limit === undefined || rung === undefined || this.isWithoutTransaction) return undefined;
    const ceiling = this.foreign.ceiling(rung, this.settings);
    const request = { limit, now: now + this.clockOffset, ceiling, ...(this.transactionId !== undefined && { transactionId: this.transactionId }) }; // prettier-ignore
    const safe = safeProfile(rung, this.settings, request);
    if (safe && this.there(false)?.value !== safe.value) return safe;
    return now >= this.dueAt ? limitProfile(rung, this.settings, request) : undefined;
  }

  /** What is surely on the station. */
  private there(isShort: boolean): Installed | undefined {
    return this.installed.find((one) => one.isShort === isShort && one.isSure && one.rung === this.rung);
  }

  /** What is on the station and not wanted there any more; what stands stays below a profile for the transaction. */
  private get stray(): Installed | undefined {
    const { purposes } = this;
    return this.installed.find(({ profile }) => !purposes.includes(profile.purpose));
  }

  /** A profile of the back end that is to be put back: what displaced it is not there any more. */
  private get owed(): ReturnType<ForeignProfiles['displacedBeside']> {
    return this.foreign.displacedBeside(this.purposes);
  }

  /** Of what is wanted on the station. */
  private get purposes(): readonly (string | undefined)[] {
    return this.limit === undefined ? [] : [this.rung?.purpose, this.standing?.purpose];
  }

  private sent({ profile, isShort, value = 0 }: PlannedCall, isSure: boolean, now: number): void {
    const { rung } = this;
    if (rung === undefined) return;
    this.foreign.displace(profile);
    const others = this.installed.filter((one) => !replaces(profile, one.profile));
    this.installed = [...others, { profile, isShort, isSure, rung, value, at: now }];
    if (!isSure) this.notBefore = now + RETRY_AFTER;
  }

  private stepDown(outcome: ProfileOutcome): void {
    const { rung } = this;
    const which = this.isOnTransaction ? 'ofTransaction' : 'standing';
    if (outcome === 'not-implemented') {
      this.steps = { standing: this.ladder.standing.length, ofTransaction: this.ladder.ofTransaction.length };
    } else if (outcome === 'rejected') this.steps[which] += 1;
    // none of this purpose, in no level
    else while (this.ladder[which][this.steps[which]]?.purpose === rung?.purpose && this.ladder[which][this.steps[which]]?.unit === rung?.unit) this.steps[which] += 1; // prettier-ignore
  }

  /** They are to be put there again; what is not surely gone is still cleared when it is not wanted any more. */
  private doubt(lost: readonly Installed[], { now, isGone }: { now: number; isGone: boolean }): void {
    if (lost.length === 0) return;
    const others = this.installed.filter((one) => !lost.includes(one));
    this.installed = isGone ? others : [...others, ...lost.map((one) => ({ ...one, isSure: false }))];
    this.notBefore = Math.max(this.notBefore, this.assertedAt + REASSERT_EVERY);
    this.assertedAt = Math.max(now, this.notBefore);
  }
}

function isLost(action: string, payload: JsonObject, profile: OwnProfile): boolean {
  if (action === 'Reset') return true;
  if (action === 'ClearChargingProfile') return clears(payload, profile);
  const place = action === 'SetChargingProfile' ? placeOf(payload) : undefined;
  return place !== undefined && replaces(place, profile);
}
