import { isSmxError, SmxError } from '@smx-edge/model';
import type { House } from '../house/index.js';
import type { Faulty } from '../line/index.js';
import { parseFault } from './fault-config.js';
import { Fields, invalid } from './fields.js';
import { act } from './ocpp-control.js';
import { disturb } from './s1-control.js';
import type { Site } from './site.js';
import { houseState } from './state.js';

/**
 * One command to a running site, as a line of JSON, and its answer:
 * `{"set":{"battery":W|null,"ev":A|null,"plug":bool|null,"pv":W|null}}`, `{"fault":KIND,"meter"?,"telegrams"?,"share"?,"by"?}` (of a
 * meter that is asked `answers` for `telegrams`), `{"do":DEED,"device",…}` of a charge point or its back end, `{"do":DEED,"meter",…}` of an S1 port, `{"clear":KIND|true,"meter"?}`, `{"state":true}`. Without `meter` a fault is on all
 * meters, and all that is cleared on devices too; a device that is none is named by `device` in its place. Never throws.
 */
export function control(site: Site, line: string): object {
  try {
    return obey(site, line);
  } catch (error) {
    if (!isSmxError(error)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

function obey(site: Site, line: string): object {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch (cause) {
    throw new SmxError('SMX_CONFIG_SYNTAX', 'A command is a line of JSON', { cause });
  }
  const fields = new Fields(raw, '');
  const has = (name: string): boolean => typeof raw === 'object' && raw !== null && name in raw;
  if (has('state')) {
    fields.take('state');
    fields.end();
    const faults = Object.fromEntries(
      [...site.meters, ...site.devices].map(([name, port]) => [name, port.activeFaults]),
    );
    return { state: houseState(site.house), faults };
  }
  if (has('set')) {
    const set = fields.object('set');
    fields.end();
    if (set === undefined || set === false) throw invalid('set', 'an object', set);
    return { set: steer(site.house, set) };
  }
  if (has('do') && has('meter')) return disturb(site.meters.get(fields.text('meter') ?? ''), fields);
  if (has('do')) return act(site.devices.get(fields.text('device') ?? ''), fields);
  const ports = chosen(site, fields);
  if (has('clear')) {
    const what = fields.take('clear');
    fields.end();
    const isAll = what === true && !has('meter') && !has('device');
    clear(isAll ? [...ports, ...site.devices.values()] : ports, what);
    return { ok: true };
  }
  for (const strike of ports.map((port) => faultOf(port, raw))) strike();
  return { ok: true };
}

function chosen({ meters, devices }: Site, fields: Fields): Faulty[] {
  const [meter, device] = [fields.text('meter'), fields.text('device')];
  if (meter === undefined && device === undefined) return [...meters.values()];
  const [what, all, name] = meter === undefined ? ['device', devices, device!] as const : ['meter', meters, meter] as const; // prettier-ignore
  const port = all.get(name);
  if (port === undefined) throw invalid(what, `one of ${[...all.keys()].join(', ') || '(there is none)'}`, name);
  return [port];
}

function clear(ports: readonly Faulty[], what: unknown): void {
  const kinds = [...new Set(ports.flatMap(({ faultRules }) => faultRules.kinds))];
  const kind = kinds.find((each) => each === what);
  if (what !== true && kind === undefined) throw invalid('clear', `true or one of ${kinds.join(', ')}`, what);
  for (const port of ports) port.clearFault(kind);
}

/** The fault of a command for one meter, read by what that one speaks; nothing is begun before all have understood it. */
function faultOf(port: Faulty, raw: unknown): () => void {
  const fields = new Fields(raw, '');
  fields.take('meter');
  fields.take('device');
  const fault = parseFault(fields, port.faultRules);
  return () => port.setFault(fault);
}

const isNumber = (value: unknown): value is number | null => value === null || typeof value === 'number';

/** Gives set-points and says what the devices made of them. */
function steer(house: House, set: Fields): Record<string, number | boolean | null> {
  const [battery, ev, pv, plug] = ['battery', 'ev', 'pv', 'plug'].map((name) => set.take(name));
  set.end();
  for (const [name, value] of Object.entries({ battery, ev, pv }))
    if (value !== undefined && !isNumber(value)) throw invalid(`set.${name}`, 'a number or null', value);
  if (plug !== undefined && plug !== null && typeof plug !== 'boolean')
    throw invalid('set.plug', 'true, false or null', plug);
  const missing = battery !== undefined && house.battery === undefined ? 'battery' : (ev ?? plug) !== undefined && house.ev === undefined ? 'car' : undefined; // prettier-ignore
  if (missing !== undefined) throw new SmxError('SMX_SIMULATOR_SETPOINT', `This house has no ${missing}`);
  const done: Record<string, number | boolean | null> = {};
  if (isNumber(battery)) done['battery'] = house.battery!.setPower(battery);
  if (isNumber(ev)) done['ev'] = house.ev!.setCurrent(ev);
  if (isNumber(pv)) done['pv'] = house.pv.setLimit(pv);
  if (plug !== undefined) {
    house.ev!.plug(plug);
    done['plug'] = plug;
  }
  return done;
}
