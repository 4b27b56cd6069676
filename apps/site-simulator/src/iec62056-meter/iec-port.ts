import { reactionTimeOf } from '@smx-edge/protocols/iec62056-21';
import { BillingPort, type MeterTools } from '../billing/index.js';
import { FaultBook, type Fault, type MeterPlaces, type Wire } from '../line/index.js';
import { LineEnd } from './line-end.js';
import { IEC_FAULTS, type IecFault } from './line-faults.js';
import { firstBaud, hdlcOf, identificationOf, meterOf, type IecMeterOptions } from './meters.js';

export interface IecPortOptions extends MeterPlaces, IecMeterOptions {
  /** One for each meter on the line; a meter without one has its serial number. */
  readonly addresses: readonly (string | undefined)[];
  /** Seed of the line's faults. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly Fault<IecFault>[];
}

/** Wrong passwords after which a meter takes none any more. */
const PATIENCE = 3;

/** The house's meter of IEC 62056-21, or several on a line. */
export class IecPort extends BillingPort<IecFault, LineEnd> {
  /** Wrong ones it was given; from the third on it takes none. */
  wrongPasswords = 0;

  private constructor(
    private readonly o: IecPortOptions,
    tools: MeterTools,
  ) {
    super(o, { ...tools, faults: new FaultBook(o.seed ?? 1, IEC_FAULTS), rules: IEC_FAULTS });
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  static async open(options: IecPortOptions, tools: MeterTools): Promise<IecPort> {
    const port = new IecPort(options, tools);
    await port.start(options);
    return port;
  }

  /** A telegram to all who listen, of a meter of mode D; others say nothing by themselves. */
  push(): void {
    if (this.o.mode === 'D' && !this.isOff) for (const end of this.ends) end.push();
  }

  protected override endOf(wire: Wire): LineEnd {
    const { o } = this;
    const { source, faults } = this.tools;
    const place = { source, clockError: () => faults.by('clock') };
    const isPassword = (text: string): boolean => this.isPassword(text);
    return new LineEnd({
      ...this.tools,
      ...{ wire, baud: firstBaud(o), reaction: reactionTimeOf(identificationOf(o).manufacturer) },
      meters: o.addresses.map((address, number) => meterOf(o, { ...place, number }, { address, isPassword })),
      hdlc: o.mode === 'E' ? o.addresses.slice(0, 1).map((_, number) => hdlcOf(o, { ...place, number })) : [],
      fail: (ms) => this.fail(ms),
    });
  }

  private isPassword(text: string): boolean {
    const isRight = text === this.o.password && this.wrongPasswords < PATIENCE;
    if (!isRight) this.wrongPasswords++;
    return isRight;
  }
}
