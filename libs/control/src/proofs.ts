import {
  GOOD,
  type CatalogueChange,
  type Disposable,
  type LiveSource,
  type PointValue,
  type SampleBatch,
} from '@smx-edge/model';

const NONE: readonly string[] = [];

/** Which points prove which set-points, and what they show. What its device is not sure of proves nothing. */
export class Proofs {
  /** Paths of set-points by the handle of the point that proves them. */
  private readonly proven = new Map<number, string[]>();
  private stale = true;
  private readonly owned: Disposable[];

  constructor(
    private readonly live: LiveSource,
    private readonly onReading: (setpoint: string, measured: PointValue) => void,
  ) {
    this.owned = [live.onCatalogue((change) => this.changed(change)), live.subscribe((batch) => this.look(batch))];
  }

  /** Handle of the point that proves a set-point. */
  handleOf(setpoint: string): number | undefined {
    const handle = this.live.handleOf(setpoint);
    const verify = handle === undefined ? undefined : this.live.definition(handle)?.setpoint?.verify;
    return verify === undefined ? undefined : this.live.handleOf(verify);
  }

  /** What the proving point of a set-point shows; null where it has none or nothing good. */
  reading(setpoint: string): PointValue {
    const handle = this.handleOf(setpoint);
    return handle === undefined || this.live.quality(handle) !== GOOD ? null : this.live.value(handle);
  }

  close(): void {
    for (const one of this.owned) one.dispose();
  }

  private changed(change: CatalogueChange): void {
    if (change.kind !== 'device' && change.kind !== 'device-removed') this.stale = true;
  }

  private look(batch: SampleBatch): void {
    if (this.stale) this.index();
    if (this.proven.size === 0) return;
    for (let i = 0; i < batch.n; i++) {
      const handle = batch.handle[i]!;
      for (const setpoint of this.proven.get(handle) ?? NONE)
        if (batch.quality[i] === GOOD) this.onReading(setpoint, this.live.value(handle));
    }
  }

  private index(): void {
    this.stale = false;
    this.proven.clear();
    for (const { definition } of this.live.points()) {
      const handle = definition.setpoint === undefined ? undefined : this.handleOf(definition.path);
      if (handle !== undefined) this.proven.set(handle, [...(this.proven.get(handle) ?? NONE), definition.path]);
    }
  }
}
