import type { Socket } from 'node:net';
import { VirtualClock } from '@smx-edge/model';
import { S1Port } from '../src/s1-meter/index.js';
import { control, parseSiteConfig, startSite, type Site } from '../src/site/index.js';
import { until } from './listener.js';
import { readS1, type S1Reader } from './s1-reader.js';

/** A site with an S1 port whose time passes when it is told to, and a reader who had every sample from the first. */
export class S1Rig {
  private constructor(
    readonly site: Site,
    readonly port: S1Port,
    readonly reader: S1Reader,
    private readonly clock: VirtualClock,
    private readonly socket: Socket,
  ) {}

  static async open(start: string, meter: object = {}, more: object = {}): Promise<S1Rig> {
    const clock = new VirtualClock();
    const meters = [
      { name: 's1', protocol: 's1', port: 0, ...meter },
      { name: 'p1', port: 0, version: 'emucs-1.7.1' },
    ];
    const site = await startSite(parseSiteConfig({ seed: 5, start, meters, ...more }), { clock });
    const port = site.meters.get('s1');
    if (!(port instanceof S1Port)) throw new TypeError('no S1 port');
    const { reader, socket } = await readS1(port.address);
    await until(() => port.clients === 1);
    // the first call is the begin
    clock.advance(1);
    return new S1Rig(site, port, reader, clock, socket);
  }

  /** Lets so many ms pass, and what was sent in them come. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.advance(Math.min(1000, left));
      await this.arrive();
    }
  }

  /** A line to the simulator. */
  say(line: object): Record<string, unknown> {
    return control(this.site, JSON.stringify(line)) as Record<string, unknown>;
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.site.stop();
  }

  private async arrive(): Promise<void> {
    const { made, loss, crc, cut } = this.port.counts;
    await until(() => this.reader.counts.frames === made - loss - crc - cut);
  }
}
