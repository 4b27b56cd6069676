/** Fundamental of a channel: RMS in V or A, and degrees ahead of the first voltage. */
export interface Phasor {
  readonly rms: number;
  readonly angle: number;
}

export type PhasorsByChannel = Readonly<Record<string, Phasor | null>>;

/** Answer of the call `phasors`; null of a channel in which samples were lost. */
export interface Phasors {
  /** ms UTC of the end of the cycles that they are of. */
  readonly end: number;
  /** Hz. */
  readonly frequency: number;
  readonly voltage: PhasorsByChannel;
  readonly current: PhasorsByChannel;
}

/** Degrees that two angles may be off 120° in a sequence that can be told. */
const NEAR = 45;

/** -180 … 180. */
export const within = (degrees: number): number => degrees - 360 * Math.round(degrees / 360);

/** The tip of an arrow so long from 0 0; ahead is counter-clockwise, and up is less in a picture. */
export function tipOf(angle: number, length: number): readonly [x: number, y: number] {
  const turn = (angle * Math.PI) / 180;
  return [length * Math.cos(turn), -length * Math.sin(turn)];
}

/** In which order the phases come; undefined where that cannot be told. */
export function sequenceOf(voltage: PhasorsByChannel): 'L1-L2-L3' | 'L1-L3-L2' | undefined {
  const between = (name: string, from: string): number =>
    within((voltage[name]?.angle ?? NaN) - (voltage[from]?.angle ?? NaN));
  const [first, next, last] = 'l1-l2' in voltage ? ['l1-l2', 'l2-l3', 'l3-l1'] : ['l1', 'l2', 'l3'];
  const [second, third] = [between(next, first), between(last, first)];
  const isNear = (of: number, degrees: number): boolean => Math.abs(within(of - degrees)) < NEAR;
  if (isNear(second, -120) && isNear(third, 120)) return 'L1-L2-L3';
  return isNear(second, 120) && isNear(third, -120) ? 'L1-L3-L2' : undefined;
}

/** Degrees by which the current of a phase lags its voltage; undefined where one of them is not there. */
export function lagOf({ voltage, current }: Phasors, phase: string): number | undefined {
  const [u, i] = [voltage[phase], current[phase]];
  return u === undefined || u === null || i === undefined || i === null ? undefined : within(u.angle - i.angle);
}
