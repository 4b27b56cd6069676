import { ModbusException, type ModbusLink, type RegisterTable } from '@smx-edge/extension-api';
import { describeError, isSmxError, SmxError } from '@smx-edge/model';
import type { Capabilities, DriverSink, DriverState, RouterDriver, Told } from '../driver.js';
import { capabilitiesOf, numberOf, toldOf } from '../map/mapped.js';
import { decodeRegisters, encodeRegisters, REGISTER_COUNTS } from './register.js';
import type { RegisterEntry, RegisterMap } from './register-map.js';

export interface ModbusDriverOptions {
  readonly map: RegisterMap;
  readonly link: ModbusLink;
  /** ms UTC. */
  readonly now: () => number;
  /** Runs `fn` at once and then each interval, one after the other. */
  readonly poll: (fn: () => Promise<void>) => void;
}

/** A register that was refused is asked again after so long, ms: maps are wrong more often than routers mend. */
const REST = 60_000;

/** Entries that are read from one table of one unit. */
interface Group {
  readonly unit: number;
  readonly table: RegisterTable;
  readonly entries: readonly RegisterEntry[];
}

/** An Energy Router whose registers a map declares. */
export class ModbusDriver implements RouterDriver {
  readonly capabilities: Capabilities;
  state: DriverState = { isOpen: false, isUp: false, text: 'connecting to the router' };
  private readonly groups: readonly Group[];
  /** When a refused entry is asked again, and the words of its refusal. */
  private readonly refused = new Map<string, { readonly until: number; readonly text: string }>();

  constructor(private readonly o: ModbusDriverOptions) {
    this.capabilities = capabilitiesOf(
      o.map,
      o.map.entries.filter(({ readAt }) => readAt !== undefined),
    );
    this.groups = groupsOf(o.map.entries);
    // a unit that the line cannot have is said at the start
    for (const { unit } of this.groups) o.link.unit(unit);
  }

  connect(sink: DriverSink): void {
    this.o.poll(() => this.look(sink));
  }

  async write(path: string, value: number | string): Promise<void> {
    const { map, link } = this.o;
    const entry = map.entries.find(({ name, isWritten }) => name === path && isWritten);
    if (entry === undefined) throw new SmxError('SMX_ROUTER_VALUE', `The map has no set-point ${path}`);
    const words = encodeRegisters(numberOf(entry, value, map.modes), entry);
    await link.unit(entry.unit).write(entry.address, words);
  }

  private async look(sink: DriverSink): Promise<void> {
    let isUp = false;
    let failure: string | undefined;
    for (const group of this.groups) {
      try {
        const told = await this.read(group);
        isUp ||= told.some(({ value }) => value !== null);
        sink.tell(told);
      } catch (error) {
        failure = isSmxError(error) ? error.message : describeError(error);
      }
    }
    const [refusal] = this.refused.values();
    const text = failure ?? refusal?.text;
    this.state = { isOpen: isUp, isUp, ...(text !== undefined && { text }) };
  }

  private async read({ unit, table, entries }: Group): Promise<Told[]> {
    const now = this.o.now();
    for (const [name, { until }] of this.refused) if (until <= now) this.refused.delete(name);
    const asked = entries.filter(({ name }) => !this.refused.has(name));
    if (asked.length === 0) return [];
    try {
      const words = await this.o.link.unit(unit).readAll(asked.map(blockOf), table);
      return asked.map((entry, i) => this.toldBy(entry, words[i]!));
    } catch (error) {
      if (!(error instanceof ModbusException)) throw error;
      return this.readEach({ unit, table, entries: asked });
    }
  }

  /** One register of many is not there: found by asking for each alone. */
  private async readEach({ unit, table, entries }: Group): Promise<Told[]> {
    const told: Told[] = [];
    for (const entry of entries) {
      try {
        const words = await this.o.link.unit(unit).read(blockOf(entry), table);
        told.push(this.toldBy(entry, words));
      } catch (error) {
        if (!(error instanceof ModbusException)) throw error;
        const { name } = entry;
        const reason = `unit ${unit} refuses register ${blockOf(entry).address} (exception ${error.exception})`;
        this.refused.set(name, { until: this.o.now() + REST, text: `${name}: ${reason}; check the map` });
        told.push({ path: name, value: null, reason });
      }
    }
    return told;
  }

  private toldBy(entry: RegisterEntry, words: readonly number[]): Told {
    return toldOf(entry, decodeRegisters(words, entry), this.o.map.modes);
  }
}

const blockOf = ({ readAt, address, type }: RegisterEntry): { address: number; count: number } => ({
  address: readAt ?? address,
  count: REGISTER_COUNTS[type],
});

function groupsOf(entries: readonly RegisterEntry[]): Group[] {
  const groups = new Map<string, RegisterEntry[]>();
  for (const entry of entries) {
    if (entry.readAt === undefined) continue;
    const key = `${entry.unit} ${entry.table}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].map((group) => ({ unit: group[0]!.unit, table: group[0]!.table, entries: group }));
}
