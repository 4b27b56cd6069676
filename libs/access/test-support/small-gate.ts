import { silentLog, VirtualClock, Zone, type Disposable, type Reading } from '@smx-edge/model';
import { Gate } from '../src/gate.js';
import { UNCONDITIONAL, type Conditions, type Grant, type Role } from '../src/role.js';
import type { View } from '../src/view.js';
import { SmallHistory, SmallLedger, SmallLive, SmallProfiles } from './small-live.js';

/** 2026-01-01 00:00 UTC, where virtual clocks begin. */
export const START = Date.UTC(2026, 0, 1);

export interface SmallGate {
  readonly clock: VirtualClock;
  readonly live: SmallLive;
  readonly history: SmallHistory;
  readonly profiles: SmallProfiles;
  readonly ledger: SmallLedger;
  readonly gate: Gate;
  /** Adds a principal whose role has these grants. */
  readonly party: (name: string, ...grants: Grant[]) => View;
}

export function smallGate(zone = 'Europe/Rome'): SmallGate {
  const clock = new VirtualClock(START);
  const live = new SmallLive(clock);
  const history = new SmallHistory();
  const profiles = new SmallProfiles();
  const ledger = new SmallLedger();
  const gate = new Gate({ live, clock, zone: new Zone(zone), history, profiles, ledger, log: silentLog });
  const party = (name: string, ...grants: Grant[]): View => {
    gate.putPrincipal({ name, kind: 'token', role: name, created: 0 }, roleOf(...grants));
    return gate.view(name)!;
  };
  return { clock, live, history, profiles, ledger, gate, party };
}

export function roleOf(...grants: Grant[]): Role {
  return { name: 'test', authority: 'controller', grants };
}

export function allow(actions: Grant['actions'], conditions: Partial<Conditions> = {}): Grant {
  return { ...UNCONDITIONAL, ...conditions, actions };
}

export const reads = (filter: string, conditions: Partial<Conditions> = {}): Grant =>
  allow({ read: [filter] }, conditions);

/** Keeps every granted reading as it is told. */
export function follow(view: View, handle: number): { seen: Reading[]; end: Disposable } {
  const seen: Reading[] = [];
  const end = view.subscribe((handles, n) => {
    for (let i = 0; i < n; i++) if (handles[i] === handle) seen.push(view.reading(handle)!);
  });
  return { seen, end };
}
