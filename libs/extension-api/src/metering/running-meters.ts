import { SmxError } from '@smx-edge/model';
import type { CallDefinition } from '../define.js';
import type { MeterState } from './meter-health.js';

/** A meter as a call shows it. */
export interface ShownMeter {
  readonly device: { readonly name: string };
  readonly state: MeterState;
  /** Up to where each load profile is here, ms UTC; undefined before the first look. */
  readonly reached: readonly (number | undefined)[];
}

const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false } as const;

/** The meters that are read in this process, by the context of their instance: a call finds its own. */
export class RunningMeters<M extends ShownMeter> {
  /** How each meter fares, and up to where its load profiles are here. */
  readonly states = this.call(({ state, reached }) => ({ ...state, reached }));
  private readonly running = new WeakMap<object, readonly M[]>();

  /** Runs a line, whose meters are shown from now on. `smx`: the context of its instance. */
  async run(smx: object, line: { readonly meters: readonly M[]; run(): Promise<void> }): Promise<void> {
    this.running.set(smx, line.meters);
    await line.run();
  }

  /** A call without arguments that gives, beside the name of each meter, what `show` takes of it. Throws SMX_EXTENSION_CALL before `run`. */
  call(show: (meter: M) => object): CallDefinition {
    return {
      args: NO_ARGUMENTS,
      run: (_args, smx) => this.of(smx).map((meter) => ({ device: meter.device.name, ...show(meter) })),
    };
  }

  private of(smx: object): readonly M[] {
    const found = this.running.get(smx);
    if (found === undefined)
      throw new SmxError('SMX_EXTENSION_CALL', 'The reader is not up yet; try again in a moment');
    return found;
  }
}
