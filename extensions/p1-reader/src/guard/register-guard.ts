/** Telegrams that must agree on a new level before it is believed. */
const CONFIRM = 10;

export interface GuardLimit {
  /** Most the register can rise, in its unit per hour. */
  readonly perHour: number;
  /** Rise that is always believed: the last digits of the register. */
  readonly slack: number;
}

/** What became of a register value. */
export type GuardVerdict =
  | { readonly kind: 'good'; readonly value: number }
  /** The value is held at the last good one; `reason` says what was wrong. `first` = the first of its kind. */
  | { readonly kind: 'held'; readonly value: number; readonly reason: string; readonly first: boolean }
  /** The new level was confirmed and is believed from here on. */
  | { readonly kind: 'confirmed'; readonly value: number; readonly before: number };

interface Level {
  value: number;
  t: number;
}

interface Register {
  good: Level;
  /** The level that is waiting to be believed. */
  doubt: (Level & { count: number }) | undefined;
}

/**
 * Registers count up, and no faster than the fuse lets them. One that falls or jumps is held at its last good value
 * until it is plausible again or has shown the new level in ten telegrams (an exchanged meter).
 */
export class RegisterGuard {
  private readonly registers = new Map<string, Register>();

  constructor(saved: Readonly<Record<string, readonly [value: number, t: number]>> = {}) {
    for (const [path, [value, t]] of Object.entries(saved))
      this.registers.set(path, { good: { value, t }, doubt: undefined });
  }

  /** `t` in ms; only differences count. */
  check(path: string, level: { readonly value: number; readonly t: number }, limit: GuardLimit): GuardVerdict {
    const { value, t } = level;
    const register = this.registers.get(path);
    if (register === undefined) {
      this.registers.set(path, { good: { value, t }, doubt: undefined });
      return { kind: 'good', value };
    }
    const { good, doubt } = register;
    const wrong = fault(good, level, limit);
    if (wrong === undefined) {
      good.value = value;
      good.t = Math.max(good.t, t);
      register.doubt = undefined;
      return { kind: 'good', value };
    }
    const agrees = doubt !== undefined && fault(doubt, level, limit) === undefined;
    const count = agrees ? doubt.count + 1 : 1;
    if (count < CONFIRM) {
      register.doubt = { value, t, count };
      return { kind: 'held', value: good.value, reason: wrong, first: doubt === undefined };
    }
    const before = good.value;
    register.good = { value, t };
    register.doubt = undefined;
    return { kind: 'confirmed', value, before };
  }

  /** Last good value; undefined where none was seen. */
  last(path: string): number | undefined {
    return this.registers.get(path)?.good.value;
  }

  /** Whether a register is being held. */
  isHeld(path: string): boolean {
    return this.registers.get(path)?.doubt !== undefined;
  }

  forget(): void {
    this.registers.clear();
  }

  /** Last good values, for a restart. */
  state(): Record<string, [value: number, t: number]> {
    return Object.fromEntries([...this.registers].map(([path, { good }]) => [path, [good.value, good.t]]));
  }
}

function fault(before: Level, now: Level, { perHour, slack }: GuardLimit): string | undefined {
  if (now.value < before.value) return `register fell from ${before.value} to ${now.value}`;
  // a clock set back must not make an honest step look endless
  const hours = Math.max(0, now.t - before.t) / 3_600_000;
  const rise = now.value - before.value;
  if (rise <= slack + perHour * hours) return undefined;
  return `register jumped from ${before.value} to ${now.value}, more than the connection can carry`;
}
