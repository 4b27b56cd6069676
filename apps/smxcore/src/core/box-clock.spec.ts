import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clockState, judgeClock } from './box-clock.js';

describe('the judge of the clock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smx-timesync-'));
  const now = Date.UTC(2026, 5, 1);
  const judged = (t: number, service: string): string[] => [judgeClock(t, service), clockState(t, service)];
  afterAll(() => rmSync(folder, { recursive: true }));

  it('believes what a time service has set, doubts what it has not, and takes its word for nothing where there is none', () => {
    expect(judged(now, join(folder, 'none'))).toEqual(['untold', 'ok']);
    expect(judged(now, folder)).toEqual(['unsynchronized', 'unsure']);
    writeFileSync(join(folder, 'synchronized'), '');
    expect(judged(now, folder)).toEqual(['set', 'ok']);
    // the file may have outlived a battery
    expect(judged(Date.UTC(2025, 11, 31), folder)).toEqual(['early', 'unsure']);
  });
});
