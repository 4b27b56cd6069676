import type { Gate, GrantedPoint, Principals, View } from '@smx-edge/access';
import type { LedgerSink } from '@smx-edge/model';

export type PartyPoint = Pick<GrantedPoint, 'handle' | 'definition' | 'every' | 'as'>;

/** What the broker needs of one principal's view. */
export interface PartyView extends Pick<
  View,
  | 'reading'
  | 'reachable'
  | 'subscribe'
  | 'onRevision'
  | 'devices'
  | 'mqttPublish'
  | 'mqttSubscribe'
  | 'laneForm'
  | 'resumes'
  | 'gave'
  | 'eventDue'
  | 'history'
  | 'profile'
  | 'profiles'
> {
  points(match?: string): readonly PartyPoint[];
  command(handle: number): { readonly between?: readonly [number, number]; readonly lease: number } | undefined;
}

/** The gate as the broker uses it. */
export interface PartyGate extends Pick<Gate, 'deny'> {
  view(principal: string): PartyView | undefined;
}

/** Who may log in. */
export type LoginBook = Pick<Principals, 'login' | 'onChange' | 'list'>;

/** The ledger, with its newest hash where it is known. */
export interface Ledger extends LedgerSink {
  readonly ledgerHead?: string;
}
