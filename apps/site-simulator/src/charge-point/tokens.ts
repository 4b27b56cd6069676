import type { Dialect } from './dialect.js';
import type { Outbox } from './outbox.js';
import type { Settings } from './settings.js';

export interface TokensUse {
  readonly settings: Settings;
  readonly dialect: Dialect;
  readonly outbox: Outbox;
  isOnline(): boolean;
}

/** Whose token is good: the back end says it; alone, the station goes by what it learnt (1.6 ed.2 §3.5). */
export class Tokens {
  private readonly known = new Map<string, boolean>();

  constructor(private readonly use: TokensUse) {}

  learn(tag: string, isGood: boolean): void {
    this.known.set(tag, isGood);
  }

  /** Undefined where nobody could say. */
  async judge(tag: string): Promise<boolean | undefined> {
    const { settings, dialect, outbox } = this.use;
    if (settings.is('LocalPreAuthorize') && this.known.get(tag) === true) return true;
    if (this.use.isOnline()) {
      const { action, payload } = dialect.authorize(tag);
      const isGood = dialect.isAccepted(await outbox.say(action, payload));
      if (isGood !== undefined) {
        this.learn(tag, isGood);
        return isGood;
      }
    }
    return this.alone(tag);
  }

  private alone(tag: string): boolean | undefined {
    const { settings } = this.use;
    const known = this.known.get(tag);
    if (settings.is('LocalAuthorizeOffline') && known !== undefined) return known;
    return settings.is('AllowOfflineTxForUnknownId') && known === undefined ? true : undefined;
  }
}
