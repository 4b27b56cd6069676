import type { DeviceRecord, PointDefinition, PointValue, Reading } from './point.js';
import type { SampleBatch } from './sample-batch.js';

/** Undoes a registration; calling it twice is harmless. */
export interface Disposable {
  dispose(): void;
}

export interface LivePoint {
  readonly handle: number;
  readonly definition: PointDefinition;
}

/** What changed in the catalogue. A handle is the point's catalogue id and is never reused within an epoch. */
export type CatalogueChange =
  | { readonly kind: 'added' | 'updated' | 'removed'; readonly handle: number; readonly definition: PointDefinition }
  | { readonly kind: 'device'; readonly device: DeviceRecord }
  | { readonly kind: 'device-removed'; readonly name: string };

/** The read door of the live table. Only the gate and the composition root hold it: every exit reads through the gate. */
export interface LiveSource {
  /** One more than the highest handle in use. */
  readonly limit: number;
  definition(handle: number): PointDefinition | undefined;
  /** What a point was that was removed, also before the last start. */
  former(handle: number): PointDefinition | undefined;
  /** What a point of this path or alias was that was removed, a personal one before others. */
  formerAt(path: string): PointDefinition | undefined;
  /** Handle of a path or of an alias of it. */
  handleOf(path: string): number | undefined;
  points(): Iterable<LivePoint>;
  devices(): Iterable<DeviceRecord>;
  value(handle: number): PointValue;
  reading(handle: number): Reading;
  /** Quality code, without building a reading. */
  quality(handle: number): number;
  /** Called with each ingested batch and with batches of points that just turned stale. */
  subscribe(listener: (batch: SampleBatch) => void): Disposable;
  onCatalogue(listener: (change: CatalogueChange) => void): Disposable;
}
