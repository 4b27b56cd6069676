import { applied, clamped, ignored, refused, type SetpointAnswer, type SmxContext } from '@smx-edge/extension-api';

/** What a device does with commands; each of the bad ones was met in the field. */
export const HABITS = ['obey', 'clamp', 'ignore', 'refuse', 'lie', 'slow', 'late', 'forget', 'die'] as const;
export type Habit = (typeof HABITS)[number];

/** How long it is slow or late, and after which it forgets, ms. */
const WHILE = 3000;
/** What it takes of a command that it clamps without a word. */
const PART = 0.5;

/** Where a command ends up. */
export interface Register {
  /** Aims at a value; gives what it goes to. */
  aim(value: number): number;
}

/** Puts a command on the device as its habit is. */
export async function obey(
  habit: Habit,
  value: number,
  { register, smx }: { register: Register; smx: Pick<SmxContext, 'every'> },
): Promise<SetpointAnswer> {
  const take = (): SetpointAnswer => {
    const taken = register.aim(value);
    return taken === value ? applied(taken) : clamped(taken);
  };
  switch (habit) {
    case 'obey':
      return take();
    case 'clamp':
      register.aim(value * PART);
      return applied(value);
    case 'ignore':
      return ignored();
    case 'refuse':
      return refused('VIRTUAL_REFUSED', 'the call `behave` told it to refuse');
    case 'lie':
      return applied(value);
    case 'slow':
      await new Promise<void>((resolve) => once(smx, resolve));
      return take();
    case 'late':
      once(smx, take);
      return applied(value);
    case 'forget':
      once(smx, () => register.aim(0));
      return take();
    case 'die':
      take();
      // an extension that ends in the middle of a command, as one that crashes does
      process.exit(1);
  }
}

/** Does something once, after a while, by the clock of the instance. */
function once(smx: Pick<SmxContext, 'every'>, fn: () => void): void {
  const timer = smx.every(WHILE, () => {
    timer.dispose();
    fn();
  });
}
