/** What a cell may hold. */
export type Cell = number | string | null | undefined;

/** A table that is filled in bulk: its columns in order, with their types. */
export interface BulkTable {
  readonly name: string;
  readonly columns: Readonly<Record<string, 'integer' | 'bigint' | 'double precision' | 'text'>>;
}

/**
 * A database as the stores use it. Statements are written once, in the SQL that PostgreSQL and SQLite share, with
 * parameters `$1` …; whole numbers come back as numbers. Everything rejects with SMX_CLOUD_DATABASE.
 */
export interface Database {
  /** Connects, and makes the tables where they are not there yet; may be tried again. */
  open(): Promise<void>;
  rows<R extends object>(text: string, params?: readonly unknown[]): Promise<R[]>;
  /** Inserts many rows, given as columns, with one statement; `tail` is what follows (`on conflict …`, `returning …`). */
  insert<R extends object>(into: BulkTable, columns: readonly (readonly Cell[])[], tail?: string): Promise<R[]>;
  /** All of `work` in one transaction, durable when resolved, or nothing of it. */
  atomic<T>(work: (inside: Database) => Promise<T>): Promise<T>;
  /** Makes room for values that come at `time`, ms UTC, where the database needs that beforehand. */
  prepare(time: number): Promise<void>;
  /** Lets go of some of the values that came before `time`, ms UTC. False: there are no more of them. */
  forget(time: number): Promise<boolean>;
  close(): Promise<void>;
}
