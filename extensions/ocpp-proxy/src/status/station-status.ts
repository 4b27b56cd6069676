import type { Injections } from '../inject/injections.js';
import type { StationLimits } from '../limits/station-limits.js';
import type { Outlet } from '../observe/outlet.js';
import type { Station } from '../observe/station.js';
import type { Circuit } from '../relay/circuit.js';

export interface StatusParts {
  readonly identity: string;
  /** Undefined where it is not looked into. */
  readonly station: Station | undefined;
  readonly circuit: Circuit | undefined;
  readonly limits: StationLimits | undefined;
  readonly injections: Injections;
}

/** How one charge point stands: its two links, its sessions, who limits it and what was sent to it. No tag is in it. */
export function stationStatus({ identity, station, circuit, limits, injections }: StatusParts): object {
  const { plate = {}, last, refused, counts } = station ?? {};
  return {
    station: identity,
    ...plate,
    chargePoint: circuit
      ? { connected: true, since: circuit.openedAt, address: circuit.handshake.remoteAddress }
      : { connected: false, ...(last !== undefined && { since: last.t, code: last.code, reason: last.reason }) },
    backEnd: {
      connected: circuit?.farSide !== undefined,
      ...(station?.backEndSince !== undefined && circuit !== undefined && { since: station.backEndSince }),
      ...(refused !== undefined && { refused }),
    },
    subprotocol: circuit?.subprotocol ?? null,
    version: station?.version ?? circuit?.version ?? null,
    outlets: [...(station?.outlets.values() ?? [])].map(outletStatus),
    limits: { site: limits?.standing ?? [], backEnd: limits?.backEnd.list ?? [] },
    injections: { count: injections.count, last: injections.last },
    counts: counts ?? {},
  };
}

function outletStatus({ number, device, status, session }: Outlet): object {
  return {
    outlet: number,
    device: device.name,
    status: status ?? null,
    session: session
      ? { transaction: session.transactionId, ...(session.startedAt !== undefined && { since: session.startedAt }) }
      : null,
  };
}
