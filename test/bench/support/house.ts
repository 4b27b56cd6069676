import { Gate, parseRoles, Principals, type Roles } from '@smx-edge/access';
import { LiveTable } from '@smx-edge/datastore';
import { GOOD, SampleBatch, silentLog, Zone, type Clock, type LedgerSink, type PrincipalRecord } from '@smx-edge/model';

const ledger: LedgerSink = { append: () => undefined };
const history = {
  async *history(): AsyncGenerator<never[]> {
    yield* [];
  },
};

/** Live table and gate over some points `dev/p0` …, without a store: what every exit stands on. */
export class BenchHouse {
  readonly live: LiveTable;
  readonly gate: Gate;
  readonly ledger = ledger;
  private readonly handles: readonly number[];
  private readonly batch: SampleBatch;
  private roles: Roles = new Map();

  constructor(private readonly o: { readonly points: number; readonly clock: Clock }) {
    const { clock, points } = o;
    this.live = new LiveTable({ clock });
    this.gate = new Gate({ live: this.live, clock, zone: new Zone('UTC'), history, ledger, log: silentLog });
    this.handles = Array.from({ length: points }, (_, i) =>
      this.live.declare({
        ...{ path: `dev/p${i}`, device: 'dev', instance: 'bench', unit: 'W' },
        ...{ type: 'number', kind: 'measurement', maxAge: 0 },
      }),
    );
    this.batch = new SampleBatch(points);
  }

  /** `roles` as in a roles file. */
  grant(roles: object): void {
    this.roles = parseRoles({ roles });
    this.gate.setRoles(this.roles);
  }

  /** Principals of the gate, kept in memory. */
  principals(): Principals {
    const records = new Map<string, PrincipalRecord>();
    const principals = new Principals({
      store: {
        principals: () => [...records.values()],
        putPrincipal: async (record) => void records.set(record.name, record),
        removePrincipal: async (name) => void records.delete(name),
      },
      clock: this.o.clock,
      ledger,
      roles: () => this.roles,
      reserved: () => [],
    });
    principals.onChange((kind, record) => {
      if (kind === 'added') this.gate.putPrincipal(record);
      else this.gate.removePrincipal(record.name);
    });
    return principals;
  }

  /** A batch of the first `n` points. */
  ingest(n: number, value: (i: number) => number): void {
    const { batch } = this;
    batch.clear(this.o.clock.now());
    for (const handle of this.handles.slice(0, n)) {
      const i = batch.add(handle);
      batch.number[i] = value(i);
      batch.quality[i] = GOOD;
    }
    this.live.ingest(batch);
  }

  close(): void {
    this.gate.close();
    this.live.close();
  }
}
