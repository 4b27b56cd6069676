/** `ev1/status`: one list of words for all versions, those of 1.6 (ed.2 chapter 7 ChargePointStatus) and the one that only 2.x has. */
export const EV_STATUSES = [
  'available',
  'preparing',
  'charging',
  'suspended-ev',
  'suspended-evse',
  'finishing',
  'reserved',
  'occupied',
  'unavailable',
  'faulted',
] as const;
export type EvStatus = (typeof EV_STATUSES)[number];

/** ChargePointStatus (1.6 ed.2) and ConnectorStatusEnumType (2.0.1 part 2). */
const STATUSES: Readonly<Record<string, EvStatus>> = {
  Available: 'available',
  Preparing: 'preparing',
  Charging: 'charging',
  SuspendedEV: 'suspended-ev',
  SuspendedEVSE: 'suspended-evse',
  Finishing: 'finishing',
  Reserved: 'reserved',
  Unavailable: 'unavailable',
  Faulted: 'faulted',
  Occupied: 'occupied',
};

/** ChargingStateEnumType (2.0.1 part 2): what an occupied outlet does. `Idle` says no more than that. */
const CHARGING_STATES: Readonly<Record<string, EvStatus>> = {
  EVConnected: 'preparing',
  Charging: 'charging',
  SuspendedEV: 'suspended-ev',
  SuspendedEVSE: 'suspended-evse',
};

/** Of several connectors of one EVSE only one is in use at a time (2.0.1 part 1): the first of these tells most. */
const TELLING: readonly EvStatus[] = ['occupied', 'faulted', 'reserved', 'available', 'unavailable'];

/** No EVSE has more. */
const MOST_CONNECTORS = 100;

/** Undefined for a word of no version. */
export const statusOf = (word: string | undefined): EvStatus | undefined =>
  word !== undefined && Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined;

/** The status of one EVSE of 2.x from its connectors and the transaction on it. */
export class EvseStatus {
  private readonly connectors = new Map<number, EvStatus>();
  private charging: EvStatus | undefined;

  connector(id: number, status: EvStatus): void {
    if (this.connectors.size >= MOST_CONNECTORS && !this.connectors.has(id)) return;
    this.connectors.set(id, status);
    // nothing charges at a place that is free
    if (![...this.connectors.values()].includes('occupied')) this.charging = undefined;
  }

  /** `state` as a TransactionEvent has it; undefined where it is silent: the last one goes on. */
  transaction(state: string | undefined, hasEnded: boolean): void {
    if (hasEnded) this.charging = undefined;
    else if (state !== undefined)
      this.charging = Object.hasOwn(CHARGING_STATES, state) ? CHARGING_STATES[state] : undefined;
  }

  get status(): EvStatus | undefined {
    const words = [...this.connectors.values()];
    const connector = TELLING.find((word) => words.includes(word)) ?? words[0];
    return connector === 'faulted' ? connector : (this.charging ?? connector);
  }
}
