/** One measurement as routers and their writers have it; times are ms (RFC 8428 would have s). */
export const record = (v: unknown, { u, t, n }: { readonly u: string; readonly t: number; readonly n: string }): object => ({ v, ...(u !== '' && { u }), t, n }); // prettier-ignore

/** The value of a command: an array or a single object, a number or its text. Undefined where it is neither. */
export function valueOf(payload: Uint8Array): number | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    // what is no JSON commands nothing
    return undefined;
  }
  const [first] = Array.isArray(raw) ? (raw as unknown[]) : [raw];
  const { v } = typeof first === 'object' && first !== null ? (first as { v?: unknown }) : {};
  const value = typeof v === 'string' && v.trim() !== '' ? Number(v) : v;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
