/** Senders that are told of. */
const MOST = 20;

/** Which of those that tell on a broker is meant, where the config does not name it: who is alone, or is called as the prefix. */
export class SenderChoice {
  private readonly heard = new Set<string>();
  private first: number | undefined;
  private found: string | undefined;

  constructor(
    private readonly o: { readonly prefix: string; /** ms in which others may be heard. */ readonly wait: number },
  ) {}

  get chosen(): string | undefined {
    return this.found;
  }

  /** All that were heard, `site/party` or gateways. */
  get names(): readonly string[] {
    return [...this.heard];
  }

  /** A sender was heard at `t`, ms. */
  hear(name: string, t: number): void {
    this.first ??= t;
    if (this.heard.size < MOST) this.heard.add(name);
  }

  /** Decides, where nobody is called so once others had their time; undefined while several could be meant, or nobody was heard. */
  decide(t: number): string | undefined {
    if (this.found !== undefined || this.first === undefined) return this.found;
    const called = this.names.filter((name) => name.toLowerCase().split('/').includes(this.o.prefix));
    if (called.length === 0 && Math.abs(t - this.first) < this.o.wait) return undefined;
    const [only, ...others] = called.length > 0 ? called : this.names;
    if (others.length === 0) this.found = only;
    return this.found;
  }
}
