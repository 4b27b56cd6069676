import type { WireProfile } from '@smx-edge/extension-api/wire';
import { SmxError, type Clock, type ProfileRow } from '@smx-edge/model';
import { TokenBucket } from '../process/token-bucket.js';
import type { HostStore } from './host-parts.js';
import { InTurn } from './in-turn.js';
import type { InstanceFacts } from './instance-facts.js';
import type { SessionDevices } from './session-devices.js';
import { wireOf } from './wire-error.js';

const MOST_PROFILES = 100;
/** What a meter holds may come at once; after that rows come as meters make them. */
const ROWS_PER_SECOND = 20;
const ROW_BURST = 100_000;
const ASKS_PER_SECOND = 20;
const ASK_BURST = 500;

export interface SessionProfilesOptions {
  readonly store: Pick<HostStore, 'profiles'>;
  readonly clock: Clock;
  readonly devices: SessionDevices;
  readonly facts: InstanceFacts;
}

/** Load profiles of the devices of one instance, one request at a time. */
export class SessionProfiles {
  private readonly turn = new InTurn();
  private readonly known = new Set<string>();
  private readonly rows = new TokenBucket(ROWS_PER_SECOND, ROW_BURST);
  private readonly asks = new TokenBucket(ASKS_PER_SECOND, ASK_BURST);

  constructor(private readonly o: SessionProfilesOptions) {}

  put(device: number, profile: WireProfile): Promise<void> {
    return this.ask(device, async (name) => {
      const path = `${name}/${profile.id}`;
      if (this.known.size >= MOST_PROFILES && !this.known.has(path))
        throw new SmxError(
          'SMX_EXTENSION_LIMIT',
          `${path} is one more than the ${MOST_PROFILES} load profiles of an instance`,
        );
      await this.o.store.profiles.put({ device: name, ...profile });
      this.known.add(path);
    });
  }

  last(device: number, id: string): Promise<number | undefined> {
    return this.ask(device, (name) => this.o.store.profiles.last({ device: name, id }));
  }

  append(device: number, id: string, what: { rows: readonly ProfileRow[]; source: string | null }): Promise<number> {
    return this.ask(device, (name) => {
      this.within(this.rows, what.rows.length, 'rows of load profiles');
      return this.o.store.profiles.append({ device: name, id, ...what });
    });
  }

  private ask<T>(device: number, work: (name: string) => Promise<T>): Promise<T> {
    return this.turn.run(async () => {
      try {
        this.within(this.asks, 1, 'requests of load profiles');
        return await work(await this.o.devices.settledName(device));
      } catch (error) {
        this.o.facts.refuse(wireOf(error).message);
        throw error;
      }
    });
  }

  private within(bucket: TokenBucket, n: number, what: string): void {
    const { clock } = this.o;
    if (bucket.take(n, clock.monotonic()) === 0) return;
    bucket.take(-n, clock.monotonic());
    throw new SmxError('SMX_EXTENSION_LIMIT', `Too many ${what} at once; send fewer`);
  }
}
