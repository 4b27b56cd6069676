import type { SmxContext } from '@smx-edge/extension-api';
import { describeError } from '@smx-edge/model';
import { keysOf, usualName, type Identity } from './identity.js';

const KEY = 'names';

/** Names of devices: what the config says, else what a device was called before, else what is usual. Once given they stay. */
export class Names {
  private readonly used = new Set<string>();

  private constructor(
    private readonly box: Pick<SmxContext, 'state' | 'log'>,
    private readonly asked: ReadonlyMap<string, string>,
    private readonly kept: Record<string, string>,
  ) {}

  static async load(box: Pick<SmxContext, 'state' | 'log'>, asked: Readonly<Record<string, string>>): Promise<Names> {
    return new Names(box, new Map(Object.entries(asked)), { ...(await box.state.get<Record<string, string>>(KEY)) });
  }

  /** The name of a device that has none yet in this run. */
  of(identity: Identity): string {
    const keys = keysOf(identity);
    const known = keys.map((key) => this.kept[key]).find((name) => name !== undefined && !this.used.has(name));
    const name = this.askedFor(identity) ?? known ?? this.free(identity);
    this.used.add(name);
    if (keys.some((key) => this.kept[key] !== name)) {
      for (const key of keys) this.kept[key] = name;
      this.box.state.set(KEY, this.kept).catch((error: unknown) => {
        this.box.log.warn('names of devices could not be kept', { error: describeError(error) });
      });
    }
    return name;
  }

  /** By serial number, by what it would be called else, or by kind where it is the first. */
  private askedFor(identity: Identity): string | undefined {
    const { serials, kind, place } = identity;
    // of the meters, the one that an inverter has as a rule
    const byKind = place === undefined || place === 'feed-in' ? [kind] : [];
    const name = [...serials, usualName(identity), ...byKind]
      .map((key) => this.asked.get(key))
      .find((one) => one !== undefined);
    return name === undefined || this.used.has(name) ? undefined : name;
  }

  private free(identity: Identity): string {
    const usual = usualName(identity);
    const { used, kept, asked } = this;
    const taken = new Set([...used, ...Object.values(kept), ...asked.keys(), ...asked.values()]);
    const { number } = identity;
    const names = [usual, /^\d+$/.test(number) ? `${usual}${number}` : `${usual}-${number}`];
    for (let i = 2; ; i++) {
      const name = names.find((each) => !taken.has(each));
      if (name !== undefined) return name;
      names.push(`${usual}${i}`);
    }
  }
}
