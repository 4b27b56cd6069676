export type ErrorClass = 'config' | 'retryable' | 'permanent' | 'security';

/** A row of the table of codes. */
export interface ErrorEntry {
  readonly class: ErrorClass;
  /** HTTP status where the code leaves through the API. */
  readonly status: number;
  /** What it means and what to do about it. */
  readonly help: string;
}
