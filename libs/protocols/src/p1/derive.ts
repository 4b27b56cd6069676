import { DERIVATIONS } from './derivations.js';
import { decimalValue } from './number-field.js';
import { p1Slot } from './obis-table.js';
import { SLOT_ABSENT, SLOT_OFF, SLOT_PART_MISSING, SLOT_UNIT_ASSUMED, SLOT_VALUE } from './telegram.js';
import type { TelegramState } from './telegram-state.js';

interface CompiledDerivation {
  readonly target: number;
  readonly parts: Int32Array;
  /** Parts from here on are taken away. */
  readonly minus: number;
  readonly all: boolean;
}

const RULES: readonly CompiledDerivation[] = DERIVATIONS.map(({ target, plus, minus, all }) => ({
  target: p1Slot(target),
  parts: Int32Array.from([...plus, ...minus], p1Slot),
  minus: plus.length,
  all,
}));

/** Fills in totals and net powers the meter does not print; integer arithmetic on the printed digits, so without drift. */
export function derive(telegram: TelegramState): void {
  for (const rule of RULES) if (telegram.states[rule.target] === SLOT_ABSENT) apply(telegram, rule);
}

function apply(telegram: TelegramState, { target, parts, minus, all }: CompiledDerivation): void {
  const { states, mantissas, exponents } = telegram;
  let exponent = 127;
  let found = 0;
  let state: number = SLOT_VALUE;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    const known = states[part]!;
    if (known === SLOT_ABSENT) continue;
    found++;
    if (known >= SLOT_OFF) state = SLOT_PART_MISSING;
    else if (known === SLOT_UNIT_ASSUMED && state === SLOT_VALUE) state = SLOT_UNIT_ASSUMED;
    if (exponents[part]! < exponent) exponent = exponents[part]!;
  }
  if (found === 0 || (all && found < parts.length)) return;
  telegram.rank = 0;
  if (state === SLOT_PART_MISSING) {
    telegram.setNull(target, state);
    return;
  }
  let sum = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (states[part] === SLOT_ABSENT) continue;
    const scaled = mantissas[part]! * 10 ** (exponents[part]! - exponent);
    if (!Number.isSafeInteger(scaled)) {
      telegram.setNull(target, SLOT_PART_MISSING);
      return;
    }
    sum += i < minus ? scaled : -scaled;
  }
  if (!Number.isSafeInteger(sum)) {
    telegram.setNull(target, SLOT_PART_MISSING);
    return;
  }
  telegram.setNumber(target, decimalValue(sum, exponent), state);
}
