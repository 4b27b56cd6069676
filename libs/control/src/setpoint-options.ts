import type { PointValue } from '@smx-edge/model';
import type { Held } from './held.js';
import type { Judgement } from './judgement.js';
import type { ArbiterPorts } from './ports.js';

/** What one set-point is given and whom it tells. */
export interface SetpointOptions {
  readonly point: string;
  readonly ports: ArbiterPorts;
  /** The first outcome of a command; later ones are dropped. */
  conclude(held: Held, judgement: Judgement): void;
  applied(held: Held, value: PointValue): void;
  displaced(held: Held, by: Held): void;
  /** Ends a command; one without outcome gets that of `judgement`. */
  end(held: Held, why: { readonly text: string; readonly judgement?: Judgement }): void;
}
