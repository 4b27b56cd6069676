import { useCall } from '../../api/use-call.js';

/** Answer of the call `status` of `ocpp-proxy`, as far as the page shows it. Times are ms UTC. */

export interface ConnectionTelling {
  readonly connected: boolean;
  readonly since: number | null;
}

export interface SessionTelling {
  readonly startedAt: number | null;
  /** Wh. */
  readonly energy: number | null;
  /** Its last characters. */
  readonly idTag: string | null;
}

export interface LimitTelling {
  readonly state: 'idle' | 'trying' | 'holding' | 'overruled' | 'waiting' | 'refused';
  readonly asked: number | null;
  readonly value: number | null;
  readonly unit: string | null;
  readonly purpose: string | null;
  readonly reason: string | null;
  /** The car draws more than that all the same. */
  readonly isExceeded: boolean;
}

/** A profile that the back end put on the charge point. */
export interface BackEndTelling {
  /** Absent or 0: all of the charge point. */
  readonly outlet?: number;
  readonly purpose: string;
  readonly stackLevel?: number;
  /** The least of its periods. */
  readonly limit?: number;
  readonly unit?: string;
}

export interface OutletTelling {
  readonly outlet: number;
  readonly device: string;
  readonly session: SessionTelling | null;
  readonly limit: LimitTelling | null;
}

export interface StationTelling {
  readonly station: string;
  readonly subprotocol: string | null;
  readonly link: ConnectionTelling & { readonly address: string | null };
  readonly backEnd: ConnectionTelling & {
    readonly host: string | null;
    readonly away: string;
    readonly reason: string | null;
  };
  readonly outlets: readonly OutletTelling[];
  readonly limits: { readonly backEnd: readonly BackEndTelling[] };
  readonly injections: readonly {
    readonly action: string;
    readonly t: number;
    /** `limit`, or the party that asked. */
    readonly by: string;
    readonly status: string;
    readonly code: string | null;
  }[];
}

const RENEW = 3000;

/** What an instance tells of its charge points; undefined where it tells this role nothing, or not yet. */
export function useStations(instance: string | undefined): readonly StationTelling[] | undefined {
  const { answer } = useCall<{ readonly stations: readonly StationTelling[] }>({
    instance,
    name: 'status',
    renew: RENEW,
  });
  return answer?.stations;
}
