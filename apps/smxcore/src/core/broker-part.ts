import { describeError, isSmxError, type Clock, type Disposable, type Log } from '@smx-edge/model';
import type { PartState } from '../http/doors.js';

/** Pause between two tries to listen, ms. */
const PAUSE = 10_000;

interface Startable {
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly address: { host: string; port: number };
}

/** Keeps the local broker up; one that cannot listen is a visible fault and is tried again, never the end of the core. */
export class BrokerPart {
  private state: PartState = { ok: false, text: 'starting' };
  private retry: Disposable | undefined;
  private stopped = false;

  /** `broker` undefined = off by the config. */
  constructor(
    private readonly broker: Startable | undefined,
    private readonly options: { clock: Clock; log: Log },
  ) {}

  get status(): PartState {
    return this.state;
  }

  async start(): Promise<void> {
    const { broker } = this;
    if (broker === undefined) {
      this.state = { ok: true, text: 'off' };
      return;
    }
    try {
      await broker.start();
      const { host, port } = broker.address;
      this.state = { ok: true, text: `listens at ${host}:${port}` };
    } catch (error) {
      this.state = { ok: false, text: describeError(error), ...(isSmxError(error) ? { code: error.code } : {}) };
      this.options.log.error('the local broker is not up; it is tried again', { error: describeError(error) });
      if (!this.stopped) this.retry = this.options.clock.after(PAUSE, () => void this.start());
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.retry?.dispose();
    await this.broker?.stop();
  }
}
