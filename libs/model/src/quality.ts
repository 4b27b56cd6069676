/** Quality of a sample; the index is its code in journal, wire and batches. */
export const QUALITIES = ['good', 'uncertain', 'stale', 'bad', 'substituted'] as const;
export type Quality = (typeof QUALITIES)[number];

export const GOOD = 0;
export const UNCERTAIN = 1;
export const STALE = 2;
export const BAD = 3;
export const SUBSTITUTED = 4;

/** Code of a quality name; an unknown name is `bad`, never good by accident. */
export function qualityCode(quality: string): number {
  const code = (QUALITIES as readonly string[]).indexOf(quality);
  return code < 0 ? BAD : code;
}

export function qualityName(code: number): Quality {
  return QUALITIES[code] ?? 'bad';
}

/** Whether a value may be acted on: only its time may be in doubt. */
export function isUsable(quality: number): boolean {
  return quality === GOOD || quality === UNCERTAIN;
}
