import type { ChargingProfile, Purpose } from './charging-profile.js';

export interface ProfileRules {
  readonly maxLevel: number;
  readonly maxPeriods: number;
  readonly maxProfiles: number;
  readonly units: readonly string[];
  /** Its own highest level is refused, as an ABB does (lbbrhzn/ocpp#1737). */
  readonly isTopRefused: boolean;
  /** None for the whole station. */
  readonly hasNoStationProfile: boolean;
  /** The transaction that runs. */
  readonly transactionId: string | undefined;
}

export interface ProfileFilter {
  readonly id?: number | undefined;
  readonly connector?: number | undefined;
  readonly purpose?: Purpose | undefined;
  readonly stackLevel?: number | undefined;
}

const NONE: readonly ChargingProfile[] = [];

/** Charging profiles that a station has. */
export class ProfileStore {
  private profiles = NONE;

  get list(): readonly ChargingProfile[] {
    return this.profiles;
  }

  /** Takes it in place of one with its id, and of one of its purpose and level there; false = refused (1.6 ed.2 §5.16, §3.13.2). */
  install(profile: ChargingProfile, rules: ProfileRules): boolean {
    if (!isTaken(profile, rules)) return false;
    const others = this.profiles.filter((each) => each.id !== profile.id && !isInPlaceOf(profile, each));
    if (others.length >= rules.maxProfiles) return false;
    this.profiles = [...others, profile];
    return true;
  }

  /** How many went; without any condition all go. */
  clear({ id, connector, purpose, stackLevel }: ProfileFilter): number {
    const before = this.profiles.length;
    this.profiles = this.profiles.filter((each) =>
      id !== undefined
        ? each.id !== id
        : (connector !== undefined && each.connector !== connector) ||
          (purpose !== undefined && each.purpose !== purpose) ||
          (stackLevel !== undefined && each.stackLevel !== stackLevel),
    );
    return before - this.profiles.length;
  }
}

const isInPlaceOf = (next: ChargingProfile, there: ChargingProfile): boolean =>
  next.purpose === there.purpose &&
  next.stackLevel === there.stackLevel &&
  next.connector === there.connector &&
  next.transactionId === there.transactionId;

function isTaken(profile: ChargingProfile, rules: ProfileRules): boolean {
  const { purpose, connector, stackLevel, periods, unit, transactionId } = profile;
  if (stackLevel < 0 || stackLevel > rules.maxLevel || (rules.isTopRefused && stackLevel === rules.maxLevel))
    return false;
  if (periods.length === 0 || periods.length > rules.maxPeriods || periods[0]!.from !== 0) return false;
  if (!rules.units.includes(unit)) return false;
  switch (purpose) {
    case 'ChargePointMaxProfile':
      return connector === 0 && profile.kind !== 'Relative' && !rules.hasNoStationProfile;
    case 'TxDefaultProfile':
      return true;
    case 'TxProfile':
      return connector > 0 && rules.transactionId !== undefined && (transactionId ?? rules.transactionId) === rules.transactionId; // prettier-ignore
  }
}
