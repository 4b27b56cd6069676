import type { House } from '../house/index.js';

type Cell = Readonly<Record<string, string>>;

const { abs, floor, hypot, max } = Math;
const PHASES = [0, 1, 2] as const;

/**
 * The JSON of an SMXCore (Storage4Grid D5.5 §7.3.3 and a capture of 2019-02-10): values as texts under `-2`, the time at which they were
 * read under `-5`, and where there are current transformers of `ratio` what they mean before them under `-9`, in A and kW.
 */
export function obisJson(
  { meter, phases, reactive, grid, zone }: House,
  { t, ratio }: { readonly t: number; readonly ratio: number },
): Record<string, Cell> {
  const time = usTime(t, zone.offset(t));
  const cells: Record<string, Cell> = {};
  const put = (code: string, value: string, before?: string): void => {
    cells[`1-1-${code}-0-255`] = { '-2': value, '-5': time, ...(before !== undefined && { '-9': before }) };
  };
  /** Of what goes through the transformers: behind them, and before them in thousands of `unit`. */
  const through = (code: string, value: number, unit: number): void => {
    const before = ratio === 1 ? undefined : String(value / unit);
    put(code, String(unit === 1 ? value / ratio : Math.round(value / ratio)), before);
  };
  put('1-8', String(meter.wattHours('import')));
  put('2-8', String(meter.wattHours('export')));
  put('3-8', String(meter.reactive.import / 3600));
  put('4-8', String(meter.reactive.export / 3600));
  through('16-7', meter.power, 1000);
  through('131-7', reactive[0]! + reactive[1]! + reactive[2]!, 1000);
  put('14-7', grid.frequency.toFixed(1));
  for (const i of PHASES) {
    through(`${31 + 20 * i}-7`, Math.round(grid.current[i]! * 100) / 100, 1);
    put(`${32 + 20 * i}-7`, String(Math.round(grid.voltage[i]! * 10) / 10));
    put(`${33 + 20 * i}-7`, (abs(phases[i]!) / max(1, hypot(phases[i]!, reactive[i]!))).toFixed(2));
    through(`${36 + 20 * i}-7`, phases[i]!, 1000);
    through(`${151 + 20 * i}-7`, reactive[i]!, 1000);
  }
  return cells;
}

/** `02/10/2019 12:43:54`, local time without its zone. */
function usTime(t: number, offset: number): string {
  const [date = '', clock = ''] = new Date(floor((t + offset) / 1000) * 1000).toISOString().slice(0, 19).split('T');
  const [year, month, day] = date.split('-');
  return `${month}/${day}/${year} ${clock}`;
}
