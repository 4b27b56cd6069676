import { SmxError } from '@smx-edge/model';
import { jsonText } from './json-text.js';
import type { ThreadLink } from './thread-link.js';

const LONGEST_STATE = 1024 * 1024;
const LONGEST_KEY = 200;

/** What instances keep. */
export class StateShelf {
  constructor(private readonly link: ThreadLink) {}

  async get(instance: string, key: string): Promise<unknown> {
    const text = await this.link.ask('stateGet', { instance, key });
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  async set(instance: string, key: string, value: unknown): Promise<void> {
    if (key.length === 0 || key.length > LONGEST_KEY)
      throw new SmxError('SMX_STORE_VALUE', `a key of state has 1 to ${LONGEST_KEY} characters`);
    const text = value === undefined ? {} : { value: jsonText(value, `state "${key}"`, LONGEST_STATE) };
    await this.link.ask('stateSet', { instance, key, ...text });
  }

  size(instance: string): Promise<number> {
    return this.link.ask('stateSize', instance);
  }
}
