/** Lets one who waits go in each turn of the event loop: live values and commands go in between, however many links there are. */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.waiting.push(resolve) === 1) this.arm();
    });
  }

  private arm(): void {
    setImmediate(() => {
      this.waiting.shift()?.();
      if (this.waiting.length > 0) this.arm();
    });
  }
}
