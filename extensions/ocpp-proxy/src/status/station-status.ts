import type { Injections } from '../inject/injections.js';
import type { StationLimits } from '../limits/station-limits.js';
import { tagHash } from '../observe/session-events.js';
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
  readonly backEnd: { readonly host: string | null; readonly away: string };
  readonly tagKey: Buffer | undefined;
}

/** Digits of the mark of a tag. */
const SHOWN = 8;

/** How one charge point stands: its two links, its sessions, who limits it and what was sent to it. No tag is in it. */
export function stationStatus(parts: StatusParts): object {
  const { identity, station, circuit, limits, injections, backEnd } = parts;
  const { plate = {}, last, refused, counts, backEndSince } = station ?? {};
  const isThere = circuit?.farSide !== undefined && circuit.farSide.isStandIn !== true;
  return {
    station: identity,
    ...{ vendor: plate.vendor ?? null, model: plate.model ?? null, firmware: plate.firmware ?? null },
    subprotocol: circuit?.subprotocol ?? null,
    version: station?.version ?? circuit?.version ?? null,
    link: {
      connected: circuit !== undefined,
      since: circuit?.openedAt ?? last?.t ?? null,
      address: circuit?.handshake.remoteAddress ?? null,
      end: circuit === undefined && last !== undefined ? { code: last.code, reason: last.reason } : null,
    },
    backEnd: {
      connected: isThere,
      since: (circuit === undefined ? refused?.t : backEndSince) ?? null,
      ...backEnd,
      reason: refused === undefined ? null : `${refused.status} ${refused.text}`,
    },
    outlets: [...(station?.outlets.values() ?? [])].map((outlet) => outletStatus(outlet, parts)),
    limits: { site: limits?.standing ?? [], backEnd: limits?.backEnd.list ?? [] },
    injections: injections.last.map((record) => ({ ...record, code: record.code ?? null })),
    counts: { ...counts, injected: injections.count },
  };
}

function outletStatus(outlet: Outlet, { limits, tagKey }: StatusParts): object {
  const { number, device, status, session } = outlet;
  return {
    outlet: number,
    device: device.name,
    status: status ?? null,
    session: session
      ? {
          transaction: session.transactionId,
          startedAt: session.startedAt ?? null,
          energy: outlet.latest.get('energy/session')?.value ?? null,
          // the tag itself is nobody's business: its mark on this box
          idTag: session.idTag && tagKey ? tagHash(session.idTag, tagKey).slice(0, SHOWN) : null,
        }
      : null,
    limit: limits?.of(number) ?? null,
  };
}
