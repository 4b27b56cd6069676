/** Documents a virtual P1 meter can follow. */
export const P1_VERSIONS = [
  'dsmr-2.2',
  'dsmr-3.0',
  'dsmr-4.2',
  'dsmr-5.0.2',
  'emucs-1.3',
  'emucs-1.4',
  'emucs-1.5',
  'emucs-1.6',
  'emucs-1.7.1',
  'emucs-2.1',
  'luxembourg',
  'sweden',
  'hungary',
  'switzerland',
  'lithuania',
] as const;
export type P1Version = (typeof P1_VERSIONS)[number];

const SLOW: readonly P1Version[] = ['dsmr-2.2', 'dsmr-3.0', 'dsmr-4.2', 'luxembourg', 'sweden', 'hungary', 'lithuania'];

export const isP1Version = (text: unknown): text is P1Version => (P1_VERSIONS as readonly unknown[]).includes(text);

/** How often a meter of this version sends, ms. */
export function telegramInterval(version: P1Version): number {
  return SLOW.includes(version) ? 10_000 : 1000;
}
