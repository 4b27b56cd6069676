/** Events told at once, and how long until so many may go again, ms: the box takes five each second of an instance. */
const AT_ONCE = 4;
const PAUSE = 1000;

/** How fast all event logs of an instance together are told, so that there is always room for its alarms. */
export class EventPace {
  private began = -Infinity;
  private left = 0;

  /** Whether one more may go at `now`, ms UTC. */
  take(now: number): boolean {
    // a clock that was set back may not hold them up
    if (now < this.began || now - this.began >= PAUSE) {
      this.began = now;
      this.left = AT_ONCE;
    }
    if (this.left === 0) return false;
    this.left--;
    return true;
  }
}
