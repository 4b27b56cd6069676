import type { DiscoverStep, TestResult, Tools } from '@smx-edge/extension-api';
import {
  PART_IDS,
  partsOf,
  unitFault,
  UnitSearch,
  unitsUpTo,
  type LiveUnit,
  type SunSpecPart,
} from '@smx-edge/extension-api/sunspec';
import type { SunSpecConfig } from './settings.js';

/** Inverters are looked for up to this number: a logger has few more, and each that nobody has costs its silence. */
const LAST = 16;
/** Units without an answer from the first on, after which nobody is expected to be there. */
const ENOUGH = 12;

async function partsOfUnit({ sunspec }: LiveUnit): Promise<SunSpecPart[]> {
  return partsOf((await sunspec.read(PART_IDS)).models);
}

function titleOf(unit: number, parts: readonly SunSpecPart[]): string {
  const { manufacturer, model, serial } = parts[0] ?? {};
  const who = [manufacturer, model].filter((text) => text !== undefined).join(' ') || 'a SunSpec device';
  const kinds = parts.map(({ kind }) => kind).join(', ') || 'nothing that is read here';
  return `unit ${unit}: ${who}${serial === undefined ? '' : `, serial ${serial}`} (${kinds})`;
}

const shown = (unit: number, parts: readonly SunSpecPart[]): object => ({
  unit,
  devices: parts.map(({ kind, manufacturer, model, serial, points }) => ({
    ...{ kind, manufacturer: manufacturer ?? null, model: model ?? null, serial: serial ?? null },
    points: points.filter(({ value }) => value !== null).map(({ path }) => path),
  })),
});

/** Are the units of this config there, or where it names none, is any, and what is behind them? Nothing is written. */
export async function test({ source, units, timeout }: SunSpecConfig, tools: Tools): Promise<TestResult> {
  const search = new UnitSearch(tools.modbus(source, { timeout }), source);
  const found: [number, SunSpecPart[]][] = [];
  let unit = 0;
  try {
    for (unit of units ?? unitsUpTo(1)) {
      const live = search.unit(unit, { isExpected: units !== undefined });
      if (units === undefined && (await search.look(live)) !== 'found') continue;
      found.push([unit, await partsOfUnit(live)]);
    }
  } catch (error) {
    return { ok: false, text: unitFault(unit, error).text };
  }
  if (found.length === 0)
    return { ok: false, text: `No unit of ${source} answers as a SunSpec device; give its number under units` };
  return {
    ok: true,
    text: found.map(([number, parts]) => titleOf(number, parts)).join('; '),
    data: found.map(([number, parts]) => shown(number, parts)),
  };
}

/** Which units of this host or line are SunSpec devices? */
export async function* discover(source: string, tools: Tools): AsyncGenerator<DiscoverStep> {
  const search = new UnitSearch(tools.modbus(source), source);
  const found = new Map<number, SunSpecPart[]>();
  const strange: number[] = [];
  const units = unitsUpTo(LAST);
  for (const [i, unit] of units.entries()) {
    if (found.size + strange.length === 0 && i >= ENOUGH) break;
    yield { progress: i / units.length, text: `unit ${unit}` };
    try {
      const live = search.unit(unit, { isExpected: false });
      const outcome = await search.look(live);
      if (outcome === 'found') found.set(unit, await partsOfUnit(live));
      if (outcome === 'strange') strange.push(unit);
    } catch (error) {
      const { text, isOfSource } = unitFault(unit, error);
      yield { progress: i / units.length, text };
      if (isOfSource && found.size === 0) return;
      if (isOfSource) break;
    }
  }
  if (found.size === 0) {
    const text =
      strange.length > 0
        ? `unit ${strange.join(', ')} answers and is no SunSpec device; switch SunSpec on in its settings`
        : 'no unit answers; check host and port, and that Modbus is switched on';
    yield { progress: 1, text };
    return;
  }
  const title = [...found].map(([unit, parts]) => titleOf(unit, parts)).join('; ');
  const data = [...found].map(([unit, parts]) => shown(unit, parts));
  // one instance for all units of a host
  yield { progress: 1, found: { title, config: { source, units: [...found.keys()] }, data } };
}
