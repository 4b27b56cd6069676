import { silentLog } from '@smx-edge/model';
import { Alarms, type AlarmMemory } from './alarms.js';
import type { Device, EventInit } from './device.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('alarms', () => {
  let told: string[];
  let answer: () => Promise<void>;
  let kept: AlarmMemory['kept'];
  let alarms: Alarms;
  const device = {
    name: 'm',
    event: async (code: string, { state }: EventInit) => {
      await answer();
      told.push(`${code} ${state}`);
    },
  } as unknown as Device;
  const set = (isRaised: boolean): void => alarms.set({ device }, 'silent', isRaised ? { text: 'gone' } : undefined);
  const refuse = async (): Promise<void> => {
    throw new Error('too many');
  };
  const take = async (): Promise<void> => undefined;

  beforeEach(() => {
    [told, kept, answer] = [[], {}, take];
    alarms = new Alarms({ kept, save: async () => undefined }, silentLog);
  });

  it('that the box refused are told at the next time, raised and cleared, also by a later run', async () => {
    answer = refuse;
    set(true);
    await settled();
    expect([told, kept.alarms]).toEqual([[], []]);
    answer = take;
    set(true);
    set(true);
    await settled();
    expect([told, kept.alarms]).toEqual([['silent raised'], ['m silent']]);
    answer = refuse;
    set(false);
    await settled();
    expect(kept.alarms).toEqual(['m silent']);
    answer = take;
    set(false);
    await settled();
    expect([told, kept.alarms]).toEqual([['silent raised', 'silent cleared'], []]);
  });

  it('stay as they were told last where an older one is refused late', async () => {
    let late: (error: Error) => void = () => undefined;
    answer = () => new Promise((_, reject) => (late = reject));
    set(true);
    answer = take;
    set(false);
    set(true);
    await settled();
    late(new Error('too late'));
    await settled();
    expect([told, kept.alarms]).toEqual([['silent cleared', 'silent raised'], ['m silent']]);
  });
});
