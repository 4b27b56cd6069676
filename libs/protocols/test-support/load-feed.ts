import {
  LoadRecognition,
  type KeptLoads,
  type LoadOptions,
  type LoadStep,
  type LoadWindow,
} from '../src/load-events/index.js';

export const LOAD_OPTIONS: LoadOptions = { phases: 3, declared: 230 };
const WINDOW = 200;

/** A house of W and var per phase, in windows of 10 cycles, that recognition looks at. */
export class LoadFeed {
  readonly steps: LoadStep[] = [];
  readonly watt = [200, 200, 200];
  readonly vars = [0, 0, 0];
  volt = 230;
  more: Partial<LoadWindow> = {};
  t = 0;

  constructor(
    readonly loads: LoadRecognition,
    /** Power at other voltages: 2 of a resistor, 0 of what draws the same. */
    private readonly exponent = 2,
  ) {
    loads.onStep((step) => this.steps.push(step));
  }

  /** Three seconds of it, so that its states stand. */
  static begin(kept?: KeptLoads): LoadFeed {
    return new LoadFeed(new LoadRecognition(LOAD_OPTIONS, kept)).run(3);
  }

  run(seconds: number): this {
    for (let k = 0; k < seconds * 5; k++) {
      const factor = (this.volt / 230) ** this.exponent;
      this.loads.take({
        start: this.t,
        end: this.t + WINDOW,
        voltage: Float64Array.from([this.volt, this.volt, this.volt]),
        active: Float64Array.from(this.watt, (watt) => watt * factor),
        reactive: Float64Array.from(this.vars, (vars) => vars * factor),
        currentHarmonics: [0, 1, 2].map(() => new Float64Array(51)),
        lost: 0,
        isFlagged: false,
        ...this.more,
      });
      this.t += WINDOW;
    }
    return this;
  }

  add(watt: number, phase = 0, vars = 0): this {
    this.watt[phase]! += watt;
    this.vars[phase]! += vars;
    return this;
  }

  /** By phases: W of the step, runs, and whether it runs. */
  get known(): unknown[] {
    return this.loads.appliances.map(({ phases, power, runs, isOn }) => [
      phases.join(' '),
      Math.round(power),
      runs,
      isOn,
    ]);
  }
}
