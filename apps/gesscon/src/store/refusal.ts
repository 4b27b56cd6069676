/** Whether the database is well and refuses the data: SQLSTATE 22 (data) or 23 (constraint), as SQLite's constraint and range. */
export function isRefusal(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  return /^(22|23)...$|^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG)/.test(String(cause?.code));
}
