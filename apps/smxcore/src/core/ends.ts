import { describeError, type Log } from '@smx-edge/model';

/** What was started, ended in reverse order; one part that fails to end does not keep the others up. */
export class Ends {
  private readonly ends: { readonly what: string; readonly end: () => void | Promise<void> }[] = [];

  constructor(private readonly log: Log) {}

  add(what: string, end: () => void | Promise<void>): void {
    this.ends.push({ what, end });
  }

  async run(): Promise<void> {
    for (const { what, end } of this.ends.splice(0).reverse())
      try {
        await end();
      } catch (error) {
        this.log.error(`${what} did not end cleanly`, { error: describeError(error) });
      }
  }
}
