import { spawn } from 'node:child_process';
import type { Clock, Disposable, Log } from '@smx-edge/model';

export interface NotifyOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells systemd how the service fares (sd_notify(3)) through systemd-notify(1), since Node has no datagram Unix sockets.
 * The unit needs `NotifyAccess=all`. Without NOTIFY_SOCKET it does nothing.
 */
export class ServiceNotifier {
  private readonly enabled: boolean;
  private beat: Disposable | undefined;
  private complained = false;

  constructor(private readonly options: NotifyOptions) {
    this.enabled = options.env['NOTIFY_SOCKET'] !== undefined;
  }

  /** READY, and from then on WATCHDOG in half the asked interval as long as `works` holds. */
  ready(works: () => Promise<boolean>): void {
    void this.send('READY=1');
    const interval = Number(this.options.env['WATCHDOG_USEC']) / 1000 / 2;
    if (this.enabled && interval > 0) this.watch(interval, works);
  }

  /** Resolves once systemd-notify has ended. */
  async stopping(): Promise<void> {
    this.beat?.dispose();
    await this.send('STOPPING=1');
  }

  private watch(interval: number, works: () => Promise<boolean>): void {
    this.beat = this.options.clock.after(interval, () => {
      void works().then((fine) => {
        if (fine) void this.send('WATCHDOG=1');
        else this.options.log.error('the store does not answer; no sign of life is sent to systemd');
      });
      this.watch(interval, works);
    });
  }

  private send(state: string): Promise<void> {
    if (!this.enabled) return Promise.resolve();
    return new Promise((resolve) => {
      const child = spawn('systemd-notify', ['--no-block', state], { stdio: 'ignore', env: this.environment() });
      child.on('error', (error) => {
        if (!this.complained)
          this.options.log.warn('systemd-notify cannot be run; systemd is not told', { error: error.message });
        this.complained = true;
        resolve();
      });
      child.on('exit', () => resolve());
      child.unref();
    });
  }

  private environment(): NodeJS.ProcessEnv {
    const { PATH, NOTIFY_SOCKET } = this.options.env;
    return { PATH: PATH ?? '/usr/bin:/bin', NOTIFY_SOCKET };
  }
}
