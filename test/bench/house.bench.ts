import { House } from '@smx-edge/site-simulator';
import { type Bench, type BenchRow } from './row.js';

const DAY = 86_400_000;
/** A year has 31.5 million steps: short of `--long` a part of each season stands for it. */
const DAYS = process.env['SMX_BENCH_LONG'] === '1' ? 91 : 20;
const SEASONS = [0, 91, 182, 273];

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

export const bench: Bench = {
  name: 'house',
  async run() {
    const rows: (BenchRow & { readonly better: 'less' })[] = [];
    let seconds = 0;
    let grown = 0;
    for (const season of SEASONS) {
      const start = Date.UTC(2025, 0, 1) + season * DAY;
      const house = new House({ start });
      house.step(start + 2 * DAY);
      const before = heap();
      const from = cpuSeconds();
      house.step(start + (2 + DAYS) * DAY);
      seconds += cpuSeconds() - from;
      grown = Math.max(grown, heap() - before);
      const net = house.devices.reduce((sum, { meter }) => sum + meter.power, 0);
      if (net !== house.meter.power || house.meter.peaks.length !== 13)
        throw new Error('the house does not add up; its speed means nothing');
    }
    const year = (seconds * 365) / (SEASONS.length * DAYS);
    rows.push(
      { name: 'house: a year of 1 s steps', figure: year, unit: 's', target: 60, limit: null, better: 'less' },
      { name: `house: heap grown in ${DAYS} days`, figure: grown, unit: 'MiB', target: 1, limit: null, better: 'less' },
    );
    return rows;
  },
};
