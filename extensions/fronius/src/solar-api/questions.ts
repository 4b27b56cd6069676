import {
  decodeInverter,
  decodeMeters,
  decodeOhmpilots,
  decodePowerFlow,
  decodeStorages,
  type InverterReadings,
  type SolarApiBody,
  type SolarApiRequest,
} from '@smx-edge/protocols/solar-api';
import type { Inventory } from './inventory.js';
import { isOfDevice, lookAround } from './look-around.js';
import type { ApiPart } from './parts/api-part.js';
import { storagePoints } from './parts/battery-part.js';
import { pointsOf } from './parts/field-table.js';
import { flowParts } from './parts/flow-parts.js';
import { commonPoints, onePhasePoints, phasePoints, powerPoint, statusPoint, trackerPoints } from './parts/inverter-part.js'; // prettier-ignore
import { meterPart } from './parts/meter-part.js';

/** What one question gave. */
export interface Told {
  readonly parts: readonly ApiPart[];
  /** Clock of the device, ms UTC, where it says it. */
  readonly t?: number;
}

/** How often something is asked: what moves, what does not, and what there is at all. */
export type Rate = 'fast' | 'slow' | 'hourly';

/** Something that is asked over and over. */
export interface Question {
  readonly key: string;
  readonly rate: Rate;
  ask(): Promise<Told>;
}

export interface QuestionsOptions {
  readonly inventory: Inventory;
  /** Whether it is known what the host is. */
  readonly isKnown: () => boolean;
  ask(request: SolarApiRequest): Promise<SolarApiBody>;
}

/** The question that tells of the whole site. */
export const FLOW = 'power-flow';
const NOTHING: Told = { parts: [] };
const told = (parts: readonly ApiPart[], { t }: SolarApiBody): Told => ({ parts, ...(t !== undefined && { t }) });

/** All that is to be asked of one logger, as far as it is known what it has. */
export class Questions {
  /** Inverters that tell of one phase only. */
  private readonly onePhase = new Set<string>();

  constructor(private readonly o: QuestionsOptions) {}

  /** Those that are to be asked from now on; the first looks for what there is, and has to be asked before the others are known. */
  all(): Question[] {
    const { inventory, isKnown } = this.o;
    const look: Question = { key: 'inventory', rate: 'hourly', ask: () => this.look() };
    if (!isKnown()) return [look];
    const powers = inventory.hasFlow ? 'slow' : 'fast';
    const meters = inventory.hasGridMeter || !inventory.hasFlow ? 'fast' : 'slow';
    return [
      look,
      // before the flow, which tells of the connection where no meter does
      ...(inventory.has('meters') ? [{ key: 'meters', rate: meters, ask: () => this.meters() } as const] : []),
      ...(inventory.hasFlow ? [{ key: FLOW, rate: 'fast', ask: () => this.flow() } as const] : []),
      ...inventory.inverters.map(({ number }): Question => ({
        ...{ key: `inverter ${number}`, rate: powers },
        ask: () => this.inverter(number),
      })),
      ...(inventory.has('storages') ? [{ key: 'storages', rate: 'slow', ask: () => this.storages() } as const] : []),
      ...(inventory.has('ohmpilots') ? [{ key: 'ohmpilots', rate: 'slow', ask: () => this.ohmpilots() } as const] : []),
    ];
  }

  private async look(): Promise<Told> {
    await lookAround((request) => this.o.ask(request), this.o.inventory);
    return NOTHING;
  }

  private async flow(): Promise<Told> {
    const body = await this.o.ask({ ask: 'power-flow' });
    return told(flowParts(decodePowerFlow(body.data), this.o.inventory), body);
  }

  private async meters(): Promise<Told> {
    const { inventory } = this.o;
    const body = await this.o.ask({ ask: 'meters' });
    const parts = [...decodeMeters(body.data)].flatMap(([number, reading]) => meterPart(number, reading) ?? []);
    inventory.hasGridMeter = parts.some(({ place }) => place === 'feed-in');
    return told(parts, body);
  }

  private async inverter(number: string): Promise<Told> {
    const { inventory } = this.o;
    const device = Number(number);
    const body = await this.o.ask({ ask: 'inverter', device });
    const common = decodeInverter(body.data);
    inventory.noteState(number, common.state);
    const phases = this.onePhase.has(number) ? [] : phasePoints(await this.phasesOf(device));
    // asleep it shows no phase at all
    if (phases.length === 0 && (common.quantities.voltage?.value ?? null) !== null) this.onePhase.add(number);
    const points = [
      ...(inventory.hasFlow ? [] : powerPoint(common, inventory.isAsleep(number))),
      ...commonPoints(common),
      ...statusPoint(common.state),
      ...(this.onePhase.has(number) ? onePhasePoints(common) : phases),
    ];
    const head = inventory.inverter(number);
    const trackers = trackerPoints(common, { withSum: !inventory.hasFlow });
    const pv: ApiPart = { kind: 'pv', ...inventory.behind(number), points: trackers };
    return told([{ ...head, points }, ...(trackers.length > 0 ? [pv] : [])], body);
  }

  private async phasesOf(device: number): Promise<InverterReadings> {
    try {
      return decodeInverter((await this.o.ask({ ask: 'inverter', device, collection: '3PInverterData' })).data);
    } catch (error) {
      if (!isOfDevice(error)) throw error;
      return { quantities: {} };
    }
  }

  private async storages(): Promise<Told> {
    const { inventory } = this.o;
    const body = await this.o.ask({ ask: 'storages' });
    const [first] = [...decodeStorages(body.data).values()];
    if (first === undefined) return told([], body);
    const { manufacturer, model } = first.controller.details;
    const part: ApiPart = {
      ...{
        kind: 'battery',
        ...inventory.storage,
        points: storagePoints(first, { withSoc: inventory.hybrid === undefined }),
      },
      ...(manufacturer !== undefined && { manufacturer }),
      ...(model !== undefined && { model }),
    };
    return told([part], body);
  }

  private async ohmpilots(): Promise<Told> {
    const { inventory } = this.o;
    const body = await this.o.ask({ ask: 'ohmpilots' });
    const parts = [...decodeOhmpilots(body.data)].map(([number, { quantities, details }]): ApiPart => ({
      ...{ kind: 'ohmpilot', number, serials: details.serial === undefined ? [] : [details.serial] },
      ...(details.manufacturer !== undefined && { manufacturer: details.manufacturer }),
      ...(details.model !== undefined && { model: details.model }),
      points: pointsOf(quantities, {
        // the flow tells these more often
        ...(!inventory.hasFlow && { power: ['power/active'], temperature: ['temperature'] }),
        energyConsumed: ['energy/active/import'],
      }),
    }));
    return told(parts, body);
  }
}
