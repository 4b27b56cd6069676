/** A profile that the back end has put on the charge point. */
export interface BackEndLimit {
  /** ms UTC of its acceptance. */
  readonly t: number;
  readonly outlet?: number;
  readonly purpose: string;
  readonly stackLevel?: number;
  /** The least of its periods. */
  readonly limit?: number;
  readonly unit?: string;
}

type Payload = Readonly<Record<string, unknown>>;
const MOST = 8;

/** What the back end limits, as it was seen on this connection; orders are in the form of 1.6. */
export class BackEndLimits {
  private limits: readonly BackEndLimit[] = [];

  get list(): readonly BackEndLimit[] {
    return this.limits;
  }

  ordered(action: string, payload: Payload, t: number): void {
    if (action === 'Reset') return;
    if (action === 'ClearChargingProfile') {
      // which ones it had is for the charge point to say: what is told here is told as long as it is sure
      this.limits = payload['id'] === undefined && Object.keys(payload).length === 0 ? [] : this.limits.filter((one) => !isOf(one, payload)); // prettier-ignore
      return;
    }
    const profile = objectOf(payload['csChargingProfiles']);
    const schedule = objectOf(profile['chargingSchedule']);
    const periods = Array.isArray(schedule['chargingSchedulePeriod']) ? schedule['chargingSchedulePeriod'] : [];
    const values = periods.map((period) => objectOf(period)['limit']).filter((limit) => typeof limit === 'number');
    const limit: BackEndLimit = {
      t,
      purpose: String(profile['chargingProfilePurpose']),
      ...(typeof payload['connectorId'] === 'number' && { outlet: payload['connectorId'] }),
      ...(typeof profile['stackLevel'] === 'number' && { stackLevel: profile['stackLevel'] }),
      ...(values.length > 0 && { limit: Math.min(...values) }),
      ...(typeof schedule['chargingRateUnit'] === 'string' && { unit: schedule['chargingRateUnit'] }),
    };
    this.limits = [limit, ...this.limits.filter((one) => !isSame(one, limit))].slice(0, MOST);
  }
}

const objectOf = (value: unknown): Payload => (typeof value === 'object' && value !== null ? (value as Payload) : {});

const isSame = (one: BackEndLimit, other: BackEndLimit): boolean =>
  one.purpose === other.purpose && one.outlet === other.outlet && one.stackLevel === other.stackLevel;

const isOf = (one: BackEndLimit, payload: Payload): boolean =>
  payload['id'] === undefined &&
  (payload['chargingProfilePurpose'] === undefined || payload['chargingProfilePurpose'] === one.purpose) &&
  (payload['connectorId'] === undefined || payload['connectorId'] === one.outlet) &&
  (payload['stackLevel'] === undefined || payload['stackLevel'] === one.stackLevel);
