import { scaledUnit, type Unit } from '@smx-edge/model';
import { timeOf } from './body.js';
import { integerAt, isObject, mapObjects, objectAt, present, type JsonObject } from './json.js';
import { quantityOf } from './quantity.js';

/** What one channel of a device was, in order of time. */
export interface ArchiveChannel {
  /** Null where the device gives a unit the house does not have; values are then as they came. */
  readonly unit: Unit | null;
  /** `[seconds, value]` from the start of the node; may be negative in pushed ones. Null = the device had none. */
  readonly rows: readonly (readonly [offset: number, value: number | null])[];
  /** Entries that were left out because their key is no number of seconds. */
  readonly dropped: number;
}

/** One device of an archive: `inverter/1`, `meter:SERIAL`, `storage:1`. */
export interface ArchiveNode {
  /** ms UTC of offset 0; undefined where the device does not say. */
  readonly start?: number;
  readonly end?: number;
  readonly deviceType?: number;
  /** By the name of the channel (`EnergyReal_WAC_Sum_Produced`); those of objects, as error lists, are left out. */
  readonly channels: ReadonlyMap<string, ArchiveChannel>;
}

const WORDS: Readonly<Record<string, Unit>> = { sec: 's', '1': '1' };
const LONGEST_OFFSET = 400 * 86_400;

/** `data` of GetArchiveData, and of pushed log data, by the name of the device. */
export function decodeArchive(data: JsonObject): ReadonlyMap<string, ArchiveNode> {
  return mapObjects(data, (node) => ({
    ...present({
      start: timeOf(node['Start']),
      end: timeOf(node['End']),
      deviceType: integerAt(node, 'DeviceType'),
    }),
    channels: channelsOf(objectAt(node, 'Data')),
  }));
}

function channelsOf(data: JsonObject): ReadonlyMap<string, ArchiveChannel> {
  const channels = new Map<string, ArchiveChannel>();
  for (const [name, channel] of Object.entries(data))
    if (isObject(channel) && isObject(channel['Values']) && channel['Unit'] !== 'Object')
      channels.set(name, channelOf(channel['Values'], channel['Unit']));
  return channels;
}

function channelOf(values: JsonObject, wire: unknown): ArchiveChannel {
  const word = typeof wire === 'string' ? wire : '';
  const scaled = scaledUnit(word);
  const unit = WORDS[word] ?? scaled?.unit ?? null;
  const rows: [number, number | null][] = [];
  for (const [key, value] of Object.entries(values)) {
    const offset = /^-?\d{1,9}$/.test(key) ? Number(key) : NaN;
    if (Math.abs(offset) <= LONGEST_OFFSET)
      rows.push([offset, quantityOf(value, unit ?? '1', unit === scaled?.unit ? word : undefined).value]);
  }
  rows.sort(([a], [b]) => a - b);
  return { unit, rows, dropped: Object.keys(values).length - rows.length };
}
