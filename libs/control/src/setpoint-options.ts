import type { PointValue } from '@smx-edge/model';
import type { Choice } from './decide.js';
import type { Held } from './held.js';
import type { Judgement } from './judgement.js';
import type { ArbiterPorts } from './ports.js';
import type { Timers } from './timers.js';

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

/** What a set-point waits for; whatever is sent ends all of it. */
export type SetpointTimer = 'wait' | 'settle' | 'patience' | 'retry' | 'stays' | 'free' | 'lost';

export interface DeviceLineOptions extends SetpointOptions {
  readonly timers: Timers<SetpointTimer>;
  /** Whether that is what belongs on the device now. */
  readonly belongs: (target: Choice<Held>) => boolean;
  /** What belongs on the device is to be looked at again. */
  readonly reconcile: () => void;
  /** The default stands on the device, and has stayed. */
  readonly rest: () => void;
}
