/** One thing that the suite looked at. */
export interface Check {
  readonly name: string;
  /** Whose part it is: the package's own, or what the host does about a fault beside it. */
  readonly part: 'package' | 'host';
  readonly ok: boolean;
  /** What was found; where it is not ok, what to do. */
  readonly text: string;
}

export const held = (part: Check['part'], name: string, text: string): Check => ({ name, part, ok: true, text });
export const failed = (part: Check['part'], name: string, text: string): Check => ({ name, part, ok: false, text });

/** `ok` decides which of two texts stands. */
export function verdict(
  at: { readonly part: Check['part']; readonly name: string; readonly ok: boolean },
  good: string,
  bad: string,
): Check {
  return at.ok ? held(at.part, at.name, good) : failed(at.part, at.name, bad);
}
