import type { Point } from '../../api/answers.js';
import type { Part } from '../../energy/parts.js';
import { t } from '../../i18n/index.js';
import type { Line } from './history-chart.js';

type ChartId = 'power' | 'peak' | 'phases' | 'voltage' | 'current' | 'soc' | 'temperature' | 'energy' | 'volume';

export interface ChartGroup {
  readonly id: ChartId;
  readonly lines: readonly Line[];
  readonly unit: string;
  readonly isCounter?: boolean;
  readonly withZero?: boolean;
}

/** Which points go into one chart, by path. */
const BY_PATH: readonly (Omit<ChartGroup, 'lines'> & { readonly pattern: RegExp })[] = [
  { id: 'peak', unit: 'W', pattern: /\/peak\/(quarter|quarter\/forecast|month)$/, withZero: true },
  { id: 'phases', unit: 'W', pattern: /\/power\/active\/l[123]$/, withZero: true },
  { id: 'voltage', unit: 'V', pattern: /\/voltage\/l[123]$/ },
  { id: 'current', unit: 'A', pattern: /\/current\/l[123]$/, withZero: true },
  { id: 'soc', unit: '%', pattern: /\/soc$/, withZero: true },
  { id: 'temperature', unit: 'Cel', pattern: /temperature/ },
  {
    id: 'energy',
    unit: 'Wh',
    pattern: /\/energy\/active\/(import|export)$|\/energy\/produced$/,
    isCounter: true,
    withZero: true,
  },
  { id: 'volume', unit: 'm3', pattern: /\/volume$/, isCounter: true, withZero: true },
];

/** More lines than this nobody tells apart. */
const MOST = 6;
const COLOURS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'] as const;

/** The parts of paths in which they differ: `l1` of `pcc/voltage/l1` where all are voltages of one meter. */
function shortNames(paths: readonly string[]): string[] {
  const split = paths.map((path) => path.split('/'));
  const isSame = (i: number): boolean => split.every((segments) => segments[i] === split[0]![i]);
  let begin = 0;
  while (begin < split[0]!.length - 1 && isSame(begin)) begin++;
  return split.map((segments) => segments.slice(paths.length === 1 ? 0 : begin).join('/'));
}

/** The charts that these points make, the most asked for first. */
export function chartsOf(points: readonly Point[], parts: readonly Part[]): ChartGroup[] {
  const powers = parts.flatMap(({ kind, name, power }): Line[] =>
    power.length === 1
      ? [
          {
            path: power[0]!.path,
            label: parts.filter((part) => part.kind === kind).length > 1 ? name : t(`flow.${kind}`),
            colour: kind,
          },
        ]
      : [],
  );
  const power: ChartGroup[] = powers.length === 0 ? [] : [{ id: 'power', unit: 'W', lines: powers, withZero: true }];
  return power.concat(
    BY_PATH.flatMap(({ pattern, ...group }) => {
      const paths = points
        .filter(({ path, unit, type }) => unit === group.unit && type === 'number' && pattern.test(path))
        .map(({ path }) => path)
        .slice(0, MOST);
      if (paths.length === 0) return [];
      const names = shortNames(paths);
      return [{ ...group, lines: paths.map((path, i) => ({ path, label: names[i]!, colour: COLOURS[i]! })) }];
    }),
  );
}
