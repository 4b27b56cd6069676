import type { Decoded, RegisterWrite } from '@smx-edge/protocols/sunspec';
import type { ModelRead } from '../sunspec-unit.js';
import type { Values } from './hold-state.js';

/** How one thing is held by registers of one model: what is written for it, and by what a later read knows it again. */
export interface HoldRules<Wish> {
  /** Of its record in the state of the instance. */
  readonly name: string;
  /** Id of the model. */
  readonly model: number;
  /** Fields that tell whose values stand there. */
  readonly fields: readonly string[];
  /** Those among them by which it is known whose they are; fewer where the others move: a record of each value would wear the disk. */
  marks(wish: Wish): readonly string[];
  /** Fields that are put back besides, as they were found. */
  readonly kept: readonly string[];
  /** Whether a read shows that nobody holds anything there. */
  isFree(model: Decoded, found: Values): boolean;
  /** Whether a read shows what the timer of the device, or its restart, leaves of what was ours. */
  isEnded(model: Decoded, ours: readonly Values[]): boolean;
  /** Writes in their order that hold `wish`, none where it stands there. `revert`: s until the device ends it, 0 = never. */
  plan(read: ModelRead, wish: Wish, revert: number): readonly RegisterWrite[];
  /** Writes in their order that end it; `found` is what stood there before. */
  free(read: ModelRead, found: Values): readonly RegisterWrite[];
  /** The timer of the device that ends it, where it has one and it is written by itself; written before everything else. */
  timer(read: ModelRead, revert: number): RegisterWrite | undefined;
  /** Writes that begin that timer again and change nothing. */
  refresh(read: ModelRead, revert: number): readonly RegisterWrite[];
}
