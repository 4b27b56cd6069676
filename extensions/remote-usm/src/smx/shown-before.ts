import type { InstanceState } from '@smx-edge/extension-api';
import { describeError, type Log } from '@smx-edge/model';

const KEY = 'shown';

/** Devices here, and the paths of their points. */
export type ShownPoints = Readonly<Record<string, readonly string[]>>;

/** What was shown in the run before: what ended while nobody looked is to be taken away as well. */
export class ShownBefore {
  private text: string;

  private constructor(
    /** Undefined once it was looked at. */
    private before: ShownPoints | undefined,
    private readonly o: { readonly state: InstanceState; readonly log: Log },
  ) {
    this.text = JSON.stringify(before);
  }

  /** Rejects where the store does. */
  static async load(o: { readonly state: InstanceState; readonly log: Log }): Promise<ShownBefore> {
    return new ShownBefore((await o.state.get<ShownPoints>(KEY)) ?? {}, o);
  }

  /** Devices of the run before that are no more, or have fewer points; and keeps what is shown now. Gives them once. */
  turn(shown: ShownPoints): string[] {
    const text = JSON.stringify(shown);
    if (text !== this.text) void this.keep(shown, text);
    const before = Object.entries(this.before ?? {});
    this.before = undefined;
    return before.filter(([name, paths]) => !isWithin(paths, shown[name])).map(([name]) => name);
  }

  private async keep(shown: ShownPoints, text: string): Promise<void> {
    this.text = text;
    try {
      await this.o.state.set(KEY, shown);
    } catch (error) {
      this.o.log.warn('what is shown of the other box could not be kept; what ends while this one is off would stay', { error: describeError(error) }); // prettier-ignore
    }
  }
}

function isWithin(paths: readonly string[], all: readonly string[] = []): boolean {
  const known = new Set(all);
  return paths.every((path) => known.has(path));
}
