import type { Device } from '@smx-edge/extension-api';
import { p1Slot, SLOT_UNIT_ASSUMED, SLOT_VALUE, type P1Telegram } from '@smx-edge/protocols/p1';
import type { Values } from './values.js';

const NOMINAL = p1Slot('voltage/nominal');
const VOLTAGES = [p1Slot('voltage/l1'), p1Slot('voltage/l2'), p1Slot('voltage/l3')] as const;
const PATH = 'net';

/**
 * Kind of net the meter is on: `3x230` (three wires, no neutral: phase 2 is the reference, and its voltage and power
 * are 0 by nature) or `3x400`. By 1-0:94.32.1 (eMUCS-P1 2.1) where printed, else by the voltages; there a lost phase 2
 * looks the same, so it is uncertain. No value is repaired for it.
 */
export class NetKind {
  private declared = false;

  constructor(private readonly device: Device) {}

  add(values: Values, telegram: P1Telegram): void {
    const nominal = valueOf(telegram, NOMINAL);
    if (nominal === 230 || nominal === 400) this.set(values, nominal === 230 ? '3x230' : '3x400');
    else if (looksThreeWire(telegram))
      this.set(values, { value: '3x230', quality: 'uncertain', reason: 'the voltage of phase 2 alone is 0' });
    else if (this.declared) values[PATH] = { value: null, reason: 'not told by this telegram' };
  }

  private set(values: Values, value: Values[string]): void {
    if (!this.declared) this.device.point(PATH, { type: 'string', kind: 'parameter' });
    this.declared = true;
    values[PATH] = value;
  }
}

function looksThreeWire(telegram: P1Telegram): boolean {
  const [first, second, third] = VOLTAGES;
  return valueOf(telegram, second) === 0 && valueOf(telegram, first)! > 0 && valueOf(telegram, third)! > 0;
}

function valueOf({ states, values }: P1Telegram, slot: number): number | undefined {
  return states[slot] === SLOT_VALUE || states[slot] === SLOT_UNIT_ASSUMED ? values[slot] : undefined;
}
