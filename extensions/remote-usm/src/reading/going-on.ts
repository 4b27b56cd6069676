/**
 * Whether what a far side stamps goes on. What has the stamp of before, or an older one, is nothing new, however often it comes;
 * a clock that was set back is believed again once it goes on from there. Stamps are ms of whatever clock made them.
 */
export class GoingOn {
  private last = -Infinity;
  /** A stamp that was older than the one before it. */
  private back: number | undefined;

  /** Takes the stamp of something as seen before without believing that it is new. */
  seen(stamp: number): void {
    if (stamp > this.last) this.last = stamp;
  }

  /** Whether what has this stamp is new. */
  isNew(stamp: number): boolean {
    const goesOnBack = this.back !== undefined && stamp > this.back && stamp !== this.last;
    const isLater = stamp > this.last || goesOnBack;
    if (isLater) this.last = stamp;
    this.back = isLater || stamp === this.last ? undefined : stamp;
    return isLater;
  }
}
