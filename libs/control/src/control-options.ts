import type { Gate } from '@smx-edge/access';
import type { Clock, CommandShelf, Log, SmxError } from '@smx-edge/model';
import type { ChronicleOptions } from './chronicle.js';
import type { EnvelopeLive, EnvelopeOptions } from './envelope.js';

export interface ControlOptions extends Omit<ChronicleOptions, 'unit'> {
  readonly live: EnvelopeLive;
  readonly gate: Pick<Gate, 'view' | 'deny'>;
  readonly shelf: CommandShelf;
  /** Whether `control: on` stands at an instance. */
  readonly controlled: (instance: string) => boolean;
  /** Whether the clock of the box can be believed. */
  readonly clockState: () => 'ok' | 'unsure';
  readonly limits: EnvelopeOptions['limits'];
  /**
   * Why no command is taken, and none of an earlier life carried out: the limits of the site are not known as the operator
   * meant them. Schedules wait for the next start. What the grid operator sets at the envelope is a limit itself, and taken.
   */
  readonly fault?: SmxError;
  readonly clock: Clock;
  readonly log: Log;
}
