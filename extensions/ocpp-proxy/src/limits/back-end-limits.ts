import type { Payload } from './payload.js';

/** A profile that the back end has put on the charge point. */
export interface BackEndLimit {
  /** ms UTC of its acceptance. */
  readonly t: number;
  readonly id?: number;
  readonly outlet?: number;
  readonly purpose: string;
  readonly stackLevel?: number;
  /** The least of its periods. */
  readonly limit?: number;
  readonly unit?: string;
}

const MOST = 8;

/** What the back end ordered. */
interface Order {
  readonly action: string;
  /** In the form of 1.6. */
  readonly payload: Payload;
  /** As it was sent. */
  readonly sent: Payload;
}

interface Seen {
  readonly limit: BackEndLimit;
  readonly order: Order;
}

/** What the back end limits, as it was seen on this connection; orders are in the form of 1.6. */
export class BackEndLimits {
  private seen: readonly Seen[] = [];

  get list(): readonly BackEndLimit[] {
    return this.seen.map(({ limit }) => limit);
  }

  /** The orders that put them there, oldest first. */
  get orders(): readonly Payload[] {
    return this.seen.map(({ order }) => order.payload).reverse();
  }

  /** The payload that put a profile there, as it was sent. */
  sentAs(id: number): Payload | undefined {
    return this.seen.find(({ limit }) => limit.id === id)?.order.sent;
  }

  /** With a transaction go its own profiles. */
  transactionEnded(outlet: number): void {
    this.seen = this.seen.filter(({ limit }) => limit.purpose !== 'TxProfile' || limit.outlet !== outlet);
  }

  ordered(order: Order, t: number): void {
    const { action, payload } = order;
    // a station that kept some all the same says so by what it composes
    if (action === 'Reset') this.seen = [];
    if (action === 'ClearChargingProfile') this.seen = this.seen.filter(({ limit }) => !isOf(limit, payload));
    if (action !== 'SetChargingProfile') return;
    const profile = objectOf(payload['csChargingProfiles']);
    const schedule = objectOf(profile['chargingSchedule']);
    const periods = Array.isArray(schedule['chargingSchedulePeriod']) ? schedule['chargingSchedulePeriod'] : [];
    const values = periods.map((period) => objectOf(period)['limit']).filter((limit) => typeof limit === 'number');
    const limit: BackEndLimit = {
      t,
      ...(typeof profile['chargingProfileId'] === 'number' && { id: profile['chargingProfileId'] }),
      purpose: String(profile['chargingProfilePurpose']),
      ...(typeof payload['connectorId'] === 'number' && { outlet: payload['connectorId'] }),
      ...(typeof profile['stackLevel'] === 'number' && { stackLevel: profile['stackLevel'] }),
      ...(values.length > 0 && { limit: Math.min(...values) }),
      ...(typeof schedule['chargingRateUnit'] === 'string' && { unit: schedule['chargingRateUnit'] }),
    };
    const others = this.seen.filter((one) => !isSame(one.limit, limit));
    this.seen = [{ limit, order }, ...others].slice(0, MOST);
  }
}

const objectOf = (value: unknown): Payload => (typeof value === 'object' && value !== null ? (value as Payload) : {});

const isSame = (one: BackEndLimit, other: BackEndLimit): boolean =>
  (one.id !== undefined && one.id === other.id) ||
  (one.purpose === other.purpose && one.outlet === other.outlet && one.stackLevel === other.stackLevel);

/** An id alone, or all that is given has to fit; without any condition all are meant. */
const isOf = (one: BackEndLimit, payload: Payload): boolean =>
  payload['id'] !== undefined
    ? payload['id'] === one.id
    : (payload['chargingProfilePurpose'] === undefined || payload['chargingProfilePurpose'] === one.purpose) &&
      (payload['connectorId'] === undefined || payload['connectorId'] === one.outlet) &&
      (payload['stackLevel'] === undefined || payload['stackLevel'] === one.stackLevel);
