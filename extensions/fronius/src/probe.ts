import type { DiscoverStep, TestResult, Tools } from '@smx-edge/extension-api';
import { partsOf, PART_IDS, UnitSearch, unitsUpTo, type SunSpecPart } from '@smx-edge/extension-api/sunspec';
import { describeError, isSmxError, systemClock } from '@smx-edge/model';
import { settingsOf, type FroniusConfig } from './settings.js';
import { Inventory } from './solar-api/inventory.js';
import { lookAround } from './solar-api/look-around.js';
import { meterPart } from './solar-api/parts/meter-part.js';
import { decodeMeters, decodeStorages } from '@smx-edge/protocols/solar-api';
import { baseOf, SolarApi } from './solar-api/solar-api.js';

/** A device that was found, by any way. */
interface Seen {
  readonly kind: string;
  readonly name?: string;
  readonly model?: string;
  readonly serial?: string;
}

interface SeenUnit {
  readonly unit: number;
  readonly devices: readonly Seen[];
}

const TIMEOUT = 4000;
const MODBUS_PORT = 502;

const reasonOf = (error: unknown): string => (isSmxError(error) ? error.message : describeError(error));
const titleOf = (devices: readonly Seen[]): string =>
  devices.map(({ kind, name, model, serial }) => [kind, model, name, serial].filter((each) => each !== undefined).join(' ')).join(', '); // prettier-ignore

/** Everything behind a Solar API. Rejects with what is wrong with the host. */
async function seenByApi(base: string): Promise<Seen[]> {
  const api = new SolarApi({ base, timeout: TIMEOUT });
  const inventory = new Inventory({ now: () => systemClock.monotonic(), believed: TIMEOUT });
  const seen: Seen[] = [];
  const see = (kind: string, { model, serial }: { model?: string; serial?: string }): void =>
    void seen.push({ kind, ...(model !== undefined && { model }), ...(serial !== undefined && { serial }) });
  try {
    await lookAround(async (request) => {
      const body = await api.ask(request);
      if (request.ask === 'meters')
        for (const [number, reading] of decodeMeters(body.data))
          if (meterPart(number, reading) !== undefined) see('meter', reading.details);
      if (request.ask === 'storages')
        for (const { controller } of decodeStorages(body.data).values()) see('battery', controller.details);
      return body;
    }, inventory);
  } finally {
    api.close();
  }
  const inverters = inventory.inverters.map(({ number, name }): Seen => {
    const { model, serials } = inventory.inverter(number);
    const [serial] = serials;
    return {
      ...{ kind: 'inverter', ...(model !== undefined && { model }), ...(name !== undefined && { name }) },
      ...(serial !== undefined && { serial }),
    };
  });
  return [...inverters, ...seen];
}

const seenOf = ({ kind, model, serial }: SunSpecPart): Seen => ({
  ...{ kind, ...(model !== undefined && { model }), ...(serial !== undefined && { serial }) },
});

/** The units of a Modbus source, each when it is found or not. Rejects with what is wrong with the source. */
async function* unitsOf(source: string, asked: readonly number[], tools: Tools): AsyncGenerator<SeenUnit | number> {
  const search = new UnitSearch(tools.modbus(source));
  for (const number of asked) {
    yield number;
    const live = search.unit(number, { isExpected: false });
    if ((await search.look(live)) !== 'found') continue;
    const parts = partsOf((await live.sunspec.read(PART_IDS)).models);
    yield { unit: number, devices: parts.filter(({ kind }) => kind === 'inverter' || kind === 'meter').map(seenOf) };
  }
}

/** Is there what this config names, by each way that it names? */
export async function test(config: FroniusConfig, tools: Tools): Promise<TestResult> {
  const { api, modbus } = settingsOf(config);
  const told: string[] = [];
  const data: { api?: readonly Seen[]; modbus?: readonly SeenUnit[] } = {};
  let ok = true;
  const way = async (title: string, look: () => Promise<string>): Promise<void> => {
    try {
      told.push(`${title}: ${await look()}`);
    } catch (error) {
      ok = false;
      told.push(`${title}: ${reasonOf(error)}`);
    }
  };
  if (api !== undefined)
    await way('Solar API', async () => titleOf((data.api = await seenByApi(api.base))) || 'no inverter is reached now');
  if (modbus !== undefined)
    await way('Modbus', async () => {
      const found: SeenUnit[] = (data.modbus = []);
      for await (const one of unitsOf(modbus.source, modbus.units ?? unitsUpTo(1), tools))
        if (typeof one !== 'number') found.push(one);
      ok &&= found.length > 0;
      if (found.length === 0) return 'no unit answers; look that Modbus is switched on in the page of the inverter';
      return found.map(({ unit, devices }) => `unit ${unit}: ${titleOf(devices)}`).join('; ');
    });
  return { ok, text: told.join('; '), data };
}

/** Host and the two ways to it, of a source that names one of them. */
function waysOf(source: string): { readonly api: string | undefined; readonly modbus: string } {
  if (source.startsWith('modbus+rtu:')) return { api: undefined, modbus: source };
  if (source.startsWith('modbus://')) return { api: `http://${new URL(source.replace(/^modbus:/, 'http:')).hostname}`, modbus: source }; // prettier-ignore
  const api = baseOf(source.includes('://') ? source : `http://${source}`);
  return { api, modbus: `modbus://${new URL(api).hostname}:${MODBUS_PORT}` };
}

/** What is at this host, over both ways: `http://192.0.2.10`, `192.0.2.10` or `modbus://192.0.2.10:502`. */
export async function* discover(source: string, tools: Tools): AsyncGenerator<DiscoverStep> {
  const { api, modbus } = waysOf(source);
  const config: { api?: string; source?: string; units?: number[] } = {};
  const devices: Seen[] = [];
  if (api !== undefined) {
    yield { progress: 0, text: `asking the Solar API of ${api}` };
    try {
      devices.push(...(await seenByApi(api)));
      config.api = api;
    } catch (error) {
      yield { progress: 0.3, text: reasonOf(error) };
    }
  }
  const units: SeenUnit[] = [];
  const asked = unitsUpTo(1);
  try {
    for await (const one of unitsOf(modbus, asked, tools)) {
      if (typeof one !== 'number') units.push(one);
      else yield { progress: 0.3 + (0.7 * asked.indexOf(one)) / asked.length, text: `asking unit ${one} of ${modbus}` };
    }
  } catch (error) {
    yield { progress: 0.9, text: reasonOf(error) };
  }
  if (units.length > 0) Object.assign(config, { source: modbus, units: units.map(({ unit }) => unit) });
  if (Object.keys(config).length === 0) {
    yield { progress: 1, text: 'Nothing of an inverter answers; switch the Solar API or Modbus on in its own page' };
    return;
  }
  const known = new Set(devices.map(({ serial }) => serial));
  const further = units.flatMap((unit) => unit.devices).filter(({ serial }) => serial === undefined || !known.has(serial)); // prettier-ignore
  const all = [...devices, ...further];
  yield { progress: 1, found: { title: `Fronius: ${titleOf(all)}`, config, data: { devices: all, units } } };
}
