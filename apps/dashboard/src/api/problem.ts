interface ProblemInit {
  /** HTTP status; 0 = no answer at all. */
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** What the box refused, as problem details say it (RFC 9457); code UNREACHABLE where it did not answer. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number | undefined;

  constructor({ status, code, detail, retryAfter }: ProblemInit) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export async function problemFrom(response: Response): Promise<Problem> {
  const text = await response.text();
  const { status } = response;
  const wait = Number(response.headers.get('retry-after') ?? NaN);
  const retryAfter = Number.isFinite(wait) ? { retryAfter: wait } : {};
  try {
    const { code, detail } = JSON.parse(text) as { code?: unknown; detail?: unknown };
    if (typeof code === 'string')
      return new Problem({ status, code, detail: typeof detail === 'string' ? detail : '', ...retryAfter });
  } catch (error) {
    // something between here and the box answered in its stead
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new Problem({ status, code: `HTTP ${status}`, detail: response.statusText, ...retryAfter });
}
