import type { Waveform } from '../events/waveform.js';

/** Fundamental of a channel: RMS in V or A, and degrees ahead of the first voltage. */
interface Phasor {
  readonly rms: number;
  readonly angle: number;
}

export interface Phasors {
  /** ms UTC of the end of the cycles that they are of. */
  readonly end: number;
  /** Hz. */
  readonly frequency: number;
  readonly voltage: Readonly<Record<string, Phasor | null>>;
  readonly current: Readonly<Record<string, Phasor | null>>;
}

/** Fundamentals of a stretch of whole cycles at a frequency in Hz; null of a channel in which samples were lost. */
export function phasorsOf({ start, rate, voltage, current }: Waveform, frequency: number): Phasors {
  const turn = (2 * Math.PI * frequency) / rate;
  const raw = (channel: readonly (number | null)[]): readonly [re: number, im: number] | null => {
    let re = 0;
    let im = 0;
    for (const [n, value] of channel.entries()) {
      if (value === null) return null;
      re += value * Math.cos(turn * n);
      im -= value * Math.sin(turn * n);
    }
    const scale = Math.SQRT2 / channel.length;
    return [re * scale, im * scale];
  };
  const samples = Object.values(voltage)[0] ?? [];
  const first = raw(samples);
  const end = Math.round(start + (samples.length / rate) * 1000);
  const reference = first === null ? 0 : Math.atan2(first[1], first[0]);
  const all = (channels: Waveform['voltage']): Record<string, Phasor | null> =>
    Object.fromEntries(
      Object.entries(channels).map(([name, channel]) => {
        const found = raw(channel);
        if (found === null) return [name, null];
        const angle = ((Math.atan2(found[1], found[0]) - reference) * 180) / Math.PI;
        return [name, { rms: Number(Math.hypot(...found).toFixed(3)), angle: Number(within(angle).toFixed(2)) }];
      }),
    );
  return { end, frequency, voltage: all(voltage), current: all(current) };
}

/** -180 … 180. */
function within(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360);
}
