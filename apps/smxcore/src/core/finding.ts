/** One thing that was looked at; `note` is no fault, and worth knowing. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'wrong';
  readonly text: string;
  /** What to do about it. */
  readonly help?: string;
}
