import type { Alarms, Device, SmxContext } from '@smx-edge/extension-api';
import type { Medium, P1Telegram, SubMeter } from '@smx-edge/protocols/p1';
import type { RegisterGuard } from '../guard/register-guard.js';
import type { Memory } from '../memory.js';
import type { Sightings } from '../meter/sightings.js';
import type { Stamp } from '../meter/stamp.js';
import { SubMeterDevice } from './sub-meter-device.js';
import { SubMeterNames, type SubMeterClass } from './names.js';

const CLASS: Readonly<Record<Medium, SubMeterClass>> = {
  gas: 'gas',
  water: 'water',
  'warm-water': 'water',
  heat: 'heat',
  'heat-cost': 'heat',
  cooling: 'cooling',
  electricity: 'electricity',
  unknown: 'mbus',
};

export interface SubMetersOptions {
  readonly smx: Pick<SmxContext, 'device' | 'log'>;
  readonly names: Readonly<Record<string, string>>;
  readonly memory: Memory;
  readonly alarms: Alarms;
  readonly guard: RegisterGuard;
  readonly sightings: Sightings;
}

/**
 * The meters behind the M-Bus channels, each a device known by its equipment id. An exchanged meter is a new device;
 * the channel of the old one stays in the telegram and is shown as stale.
 */
export class SubMeters {
  private readonly devices = new Map<string, SubMeterDevice>();
  private readonly names: SubMeterNames;

  constructor(private readonly o: SubMetersOptions) {
    this.names = new SubMeterNames(o.names, o.memory.kept.names);
  }

  take(telegram: P1Telegram, stamp: Stamp): void {
    // the meter in use takes the plain name before a replaced one does
    for (const stale of [false, true])
      for (const sub of telegram.subMeters)
        if (sub.rank !== 'empty' && (sub.rank === 'stale') === stale && this.isOne(sub, telegram))
          this.takeOne(sub, { telegram, stamp });
    for (const sub of telegram.subMeters)
      if (sub.rank === 'empty') this.devices.get(identity(sub))?.empty(sub.reason, stamp);
  }

  private isOne(sub: SubMeter, telegram: P1Telegram): boolean {
    const id = identity(sub);
    return this.devices.has(id) || this.o.sightings.isProven(id, telegram);
  }

  private takeOne(sub: SubMeter, { telegram, stamp }: { telegram: P1Telegram; stamp: Stamp }): void {
    const id = identity(sub);
    const device = this.device(id, sub);
    device.take(sub, stamp);
    const { kept } = this.o.memory;
    const ended = kept.ended?.includes(id) ?? false;
    if (sub.rank === 'stale' && !ended) {
      kept.ended = [...(kept.ended ?? []), id];
      const next = telegram.subMeters.find((other) => other.medium === sub.medium && other.rank === 'primary');
      const text = 'Read no more while another meter of its kind is: it was replaced';
      const by = next === undefined ? undefined : this.devices.get(identity(next))?.device.name;
      this.o.alarms.once({ device: device.device }, 'sub-meter-replaced', { severity: 'info', text, data: { by } });
    } else if (sub.rank !== 'stale' && ended) kept.ended = kept.ended?.filter((other) => other !== id) ?? [];
  }

  private device(id: string, sub: SubMeter): SubMeterDevice {
    const known = this.devices.get(id);
    if (known !== undefined) return known;
    const kind = CLASS[sub.medium];
    const name = this.names.of(id, kind);
    const { memory } = this.o;
    const names = this.names.state();
    if (JSON.stringify(memory.kept.names) !== JSON.stringify(names)) {
      memory.kept.names = names;
      void memory.save();
    }
    const device: Device = this.o.smx.device(name, {
      kind: `${kind}-meter`,
      ...(sub.id !== null && { serial: sub.id }),
    });
    const made = new SubMeterDevice({ ...this.o, device, id });
    this.devices.set(id, made);
    return made;
  }
}

/** What a sub-meter is known by: its equipment id, or its channel where it prints none. */
function identity({ id, channel, medium }: SubMeter): string {
  if (id !== null && id !== '') return id;
  return channel === 0 ? medium : `channel-${channel}`;
}
