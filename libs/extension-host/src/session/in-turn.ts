/** Does work one after the other, so that a flood of questions never has more than one answer under way. */
export class InTurn {
  private tail: Promise<void> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.tail.then(work);
    // the next one waits for this one, whatever came of it
    this.tail = done.then(
      () => {},
      () => {},
    );
    return done;
  }
}
