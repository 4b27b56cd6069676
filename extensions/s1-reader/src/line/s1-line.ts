import { setTimeout as pause } from 'node:timers/promises';
import type { Line } from '@smx-edge/extension-api';
import { S1_FRAME_LENGTH, S1Decoder, type S1Block, type S1Counts } from '@smx-edge/protocols/s1';
import { LineHealth, type Health } from './health.js';
import { Pace } from './pace.js';
import { SpeedTrial } from './speed-trial.js';

/** ms between chunks of a line that is thrown away. */
const BETWEEN = 20;
/** ms within which a line that is open again was not lost. */
const REOPENED = 2000;

export interface S1LineOptions {
  readonly line: Line;
  /** Look for the speed: the line is at the first one that is tried. */
  readonly searchSpeed: boolean;
  /** ms UTC. */
  now(): number;
  /** Valid during the call only; `at` is when its last bytes came, ms UTC. */
  onBlock(block: S1Block, at: number): void;
  /** The line refused a setting; it stays as it was. */
  onFault(error: unknown): void;
}

/** Bytes of a line to blocks of samples, and a verdict on the line itself. */
export class S1Line {
  private readonly decoder: S1Decoder;
  private readonly health: LineHealth;
  private readonly trial: SpeedTrial | undefined;
  private readonly pace = new Pace();
  private at = NaN;
  private framesBefore = 0;
  private missingBefore = 0;
  private badBefore = 0;

  constructor(private readonly o: S1LineOptions) {
    this.health = new LineHealth(o.now());
    this.trial = o.searchSpeed ? new SpeedTrial() : undefined;
    this.decoder = new S1Decoder({ onBlock: (block) => o.onBlock(block, this.at) });
  }

  get counts(): Readonly<S1Counts> {
    return this.decoder.counts;
  }

  /** Reads until the line is closed. */
  async run(): Promise<void> {
    const { line, now } = this.o;
    const gap = line.onGap(() => this.decoder.flush());
    try {
      for await (const chunk of line) {
        this.at = now();
        this.health.bytes(this.at);
        this.trial?.bytes(this.at);
        if (this.pace.isFarBehind(this.at)) {
          this.decoder.flush();
          await pause(BETWEEN);
          continue;
        }
        this.decoder.push(chunk, this.at);
        const wait = this.pace.take(Math.max(chunk.length, this.newSamples() * S1_FRAME_LENGTH), this.at);
        this.tellLine();
        if (wait > 0) await pause(wait);
      }
      this.decoder.flush();
    } finally {
      gap.dispose();
    }
  }

  /** To be called each second: tries another speed, and says how the line is. */
  tick(): Health {
    const now = this.o.now();
    if (this.counts.frames > 0) this.trial?.good();
    if (this.trial?.isDue(now)) void this.configure(this.trial);
    const { status, since, text = 'not connected' } = this.o.line.state;
    // a silent line is opened anew now and then, which is no news
    const isShut = (status === 'connecting' && now - since >= REOPENED) || status === 'closed';
    return this.health.assess(now, this.counts, isShut ? text : undefined);
  }

  /** Samples of the last chunk, missing ones too: what stands in for them is as much work. */
  private newSamples(): number {
    const { frames, missing } = this.counts;
    const lost = missing - this.missingBefore;
    this.missingBefore = missing;
    return frames - this.framesBefore + lost;
  }

  /** One verdict a chunk: there are 2,600 frames a second. */
  private tellLine(): void {
    const { frames, badFcs, cut } = this.counts;
    if (frames > this.framesBefore) this.o.line.frame('ok');
    else if (badFcs + cut > this.badBefore) this.o.line.frame('bad');
    this.framesBefore = frames;
    this.badBefore = badFcs + cut;
  }

  private async configure({ setting }: SpeedTrial): Promise<void> {
    try {
      await this.o.line.configure(setting);
    } catch (error) {
      this.o.onFault(error);
    }
  }
}
