import type { WebSocket } from 'ws';

export interface KeepAliveOptions {
  /** ms between pings; 0 = none. */
  readonly every: number;
  /** Whether a peer that answered once and is silent for three pings is given up. */
  readonly needsPong: boolean;
  /** A peer that pings by itself is not pinged. */
  readonly unlessItPings: boolean;
}

/** Pings without any sign of life before a peer that used to answer is given up. */
const MOST_SILENT = 3;

/**
 * Keeps one hop alive (2.1 part 4 §5.4): stations and what is between drop links that idle for half a minute. Any byte is life, and
 * a peer that never answered a ping is not asked to.
 */
export class KeepAlive {
  private readonly timer: NodeJS.Timeout | undefined;
  private silent = 0;
  private hasPonged = false;
  private hasPinged = false;

  constructor(
    private readonly ws: WebSocket,
    private readonly options: KeepAliveOptions,
  ) {
    if (options.every === 0) return;
    this.timer = setInterval(() => this.beat(), options.every);
    this.timer.unref();
    ws.on('pong', () => {
      this.hasPonged = true;
      this.silent = 0;
    });
    ws.on('ping', () => {
      this.hasPinged = true;
      this.silent = 0;
    });
  }

  /** A message came. */
  heard(): void {
    this.silent = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private beat(): void {
    if (this.options.unlessItPings && this.hasPinged) {
      this.hasPinged = false;
      return;
    }
    if (this.silent >= MOST_SILENT && this.hasPonged && this.options.needsPong) {
      this.ws.terminate();
      return;
    }
    // nothing is heard of a peer that has to wait
    this.silent = this.ws.isPaused ? 0 : this.silent + 1;
    // what cannot be sent shows as the end of the connection
    this.ws.ping(undefined, undefined, () => {});
  }
}
