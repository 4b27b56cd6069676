import { SmxError } from '@smx-edge/model';
import type { KeptState } from '../database/state-table.js';
import { jsonText } from './json-text.js';
import type { ThreadLink } from './thread-link.js';

const LONGEST_STATE = 1024 * 1024;
const LONGEST_KEY = 200;

/** What instances keep. */
export class StateShelf {
  /** `kept`: what is read of it until there is a thread. */
  constructor(
    private readonly link: ThreadLink,
    private kept?: readonly KeptState[],
  ) {}

  async get(instance: string, key: string): Promise<unknown> {
    // from then on it may be another
    if (this.link.isOpen) this.kept = undefined;
    const text =
      this.kept === undefined
        ? await this.link.ask('stateGet', { instance, key })
        : this.kept.find((one) => one.instance === instance && one.key === key)?.value;
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  async set(instance: string, key: string, value: unknown): Promise<void> {
    if (key.length === 0 || key.length > LONGEST_KEY)
      throw new SmxError('SMX_STORE_VALUE', `a key of state has 1 to ${LONGEST_KEY} characters`);
    if (this.link.isOpen) this.kept = undefined;
    const text = value === undefined ? {} : { value: jsonText(value, `state "${key}"`, LONGEST_STATE) };
    await this.link.ask('stateSet', { instance, key, ...text });
  }

  size(instance: string): Promise<number> {
    return this.link.ask('stateSize', instance);
  }
}
