import { LoadRecognition } from '@smx-edge/protocols/load-events';
import { PowerQuality } from '@smx-edge/protocols/power-quality';
import { S1Decoder, S1Encoder, S1_FRAME_LENGTH, type S1Format } from '@smx-edge/protocols/s1';
import { House } from '../../../apps/site-simulator/src/house/index.js';
import { AMBIENT_FLICKER, Disturbances } from '../../../apps/site-simulator/src/s1-meter/disturbances.js';
import { Sampler } from '../../../apps/site-simulator/src/s1-meter/sampler.js';
import { formatOf, highestOrder } from '../../../apps/site-simulator/src/s1-meter/sampling.js';
import { Wave } from '../../../apps/site-simulator/src/s1-meter/wave.js';
import { Feed } from '../../../extensions/s1-reader/src/samples/feed.js';
import { seeded } from '../../faults/support/random.js';
import type { WindowsOptions } from './house-windows.js';
import { LoadScorer, type LoadScore } from './load-score.js';
import { LoadTruth } from './load-truth.js';

const DECLARED = 230;
const FORMAT: S1Format = formatOf({
  ...{ connection: 'three-phase', samplesPerSecond: 2600, neutral: true, meterId: '1SMX0000000001' },
});
/** ms that the house lived before, so that not all that it has begins with the first sample. */
const BEFORE = 7_200_000;
/** Frames that go over the line at once. */
const AT_ONCE = 520;

/** The box's end of an S1 port: bytes, samples, windows, appliances. */
class Reader {
  readonly loads = new LoadRecognition({ phases: 3, declared: DECLARED });
  readonly scorer: LoadScorer;
  readonly decoder: S1Decoder;
  private readonly bytes = new Uint8Array(AT_ONCE * S1_FRAME_LENGTH);
  private length = 0;

  constructor(truth: LoadTruth) {
    this.scorer = new LoadScorer(this.loads, truth);
    const quality = new PowerQuality(
      { wiring: '4-wire', rate: FORMAT.samplesPerSecond!, declared: DECLARED },
      { onWindow: (values) => this.loads.take(values) },
    );
    const feed = new Feed();
    this.decoder = new S1Decoder({
      onBlock: (block) => {
        const piece = feed.take(block, this.t);
        if (piece !== undefined) quality.push(piece);
      },
    });
  }

  /** ms UTC at which the bytes came. */
  private t = NaN;

  take(frame: Uint8Array, t: number): void {
    this.bytes.set(frame, this.length);
    this.length += frame.length;
    if (this.length < this.bytes.length) return;
    this.t = t;
    this.decoder.push(this.bytes);
    this.length = 0;
  }
}

export interface S1Score {
  readonly whole: LoadScore;
  /** Where a part of the frames was lost on the way. */
  readonly lossy: LoadScore;
  readonly frames: number;
  readonly lost: number;
}

/** Lets recognition look at the samples of a house for so many seconds, once of all frames, and once with a share of them lost. */
export function scoreSamples(
  house: WindowsOptions,
  { seconds, loss }: { readonly seconds: number; readonly loss: number },
): S1Score {
  const { seed = 1 } = house;
  const site = new House({ ...house, start: house.start - BEFORE });
  for (const load of house.loads?.(seed) ?? []) site.add(load);
  site.step(house.start);
  const truth = new LoadTruth();
  const [whole, lossy] = [new Reader(truth), new Reader(truth)];
  const disturbances = new Disturbances(AMBIENT_FLICKER);
  const wave = new Wave({
    ...{ connection: 'three-phase', highest: highestOrder(FORMAT), disturbances, isInverted: false },
  });
  const sampler = new Sampler({
    ...{ house: site, wave, format: FORMAT },
    onSecond: (second) => {
      for (const { scorer } of [whole, lossy]) scorer.look(second.t);
      truth.second(second);
    },
  });
  const encoder = new S1Encoder(FORMAT);
  const frame = new Uint8Array(S1_FRAME_LENGTH);
  const chance = seeded(seed + 1);
  let [frames, lost] = [0, 0];
  sampler.run(site.t, () => {});
  for (let n = 0; n < seconds; n++) {
    site.step(site.t + 1000);
    sampler.run(site.t, () => {
      encoder.write(frame, 0, wave.sample);
      frames++;
      whole.take(frame, sampler.t);
      if (chance() < loss) lost++;
      else lossy.take(frame, sampler.t);
    });
  }
  return { whole: whole.scorer.score(), lossy: lossy.scorer.score(), frames, lost };
}
