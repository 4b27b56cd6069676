/** Where a statement about a family of meters is from. */
export interface Evidence {
  readonly says: string;
  /** Document and clause, or the public record it was seen in. */
  readonly source: string;
}
