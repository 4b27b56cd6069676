import { IecServer, speedOf } from '@smx-edge/protocols/iec62056-21';
import { BillingPort, type MeterTools } from '../billing/index.js';
import type { Fault, MeterPlaces, Wire } from '../line/index.js';
import { familyOf } from './family.js';
import { LineEnd } from './line-end.js';
import { DLMS_FAULTS, DlmsFaults, type DlmsFault } from './line-faults.js';
import { logicalDevice, type DeviceOptions, type LogicalDevice } from './logical-device.js';

export interface DlmsPortOptions extends DeviceOptions, MeterPlaces {
  /** `mode-e`: HDLC behind the sign-on of an optical head. `wrapper`: the network. */
  readonly transport: 'hdlc' | 'mode-e' | 'wrapper';
  /** Baud of the line; absent = as fast as it goes. */
  readonly baud?: number;
  readonly devices: readonly LogicalDevice[];
  /** Seed of the line's faults. Default 1. */
  readonly seed?: number;
  readonly faults?: readonly Fault<DlmsFault>[];
}

const OPTICAL_BAUD = 9600;

/** The house's DLMS meter, or several on a line. */
export class DlmsPort extends BillingPort<DlmsFault, LineEnd> {
  private readonly framing: 'hdlc' | 'wrapper';
  private heldUntil = 0;

  private constructor(
    private readonly o: DlmsPortOptions,
    tools: MeterTools,
  ) {
    super(o, { ...tools, faults: new DlmsFaults(o.seed ?? 1, framingOf(o)), rules: DLMS_FAULTS });
    this.framing = framingOf(o);
  }

  /** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
  static async open(options: DlmsPortOptions, tools: MeterTools): Promise<DlmsPort> {
    const port = new DlmsPort(options, tools);
    await port.start(options);
    return port;
  }

  protected override left(end: LineEnd): void {
    const { clock, faults } = this.tools;
    if (end.isAssociated && faults.has('held') && !this.isOff) this.heldUntil = clock.monotonic() + faults.by('held');
    super.left(end);
  }

  protected override endOf(wire: Wire): LineEnd {
    const { framing, o } = this;
    const { clock, faults, source } = this.tools;
    const place = {
      ...{ framing, source },
      clockError: () => faults.by('clock'),
      hasSeenHigher: () => faults.has('counter'),
    };
    return new LineEnd({
      ...this.tools,
      ...{ wire, framing },
      referencing: familyOf(o.referencing).referencing,
      baud: o.baud ?? 0,
      servers: o.devices.map((device, number) => logicalDevice(o, device, { ...place, number })),
      optical: o.transport === 'mode-e' ? opticalHead(o) : undefined,
      isHeld: () => clock.monotonic() < this.heldUntil,
      fail: (ms) => this.fail(ms),
    });
  }

  protected override fail(ms: number): void {
    this.heldUntil = 0;
    super.fail(ms);
  }
}

const framingOf = ({ transport }: DlmsPortOptions): 'hdlc' | 'wrapper' =>
  transport === 'wrapper' ? 'wrapper' : 'hdlc';

/** An optical head that offers HDLC and nothing else. */
function opticalHead({ referencing, baud = OPTICAL_BAUD }: DlmsPortOptions): IecServer {
  const { manufacturer, model: text } = familyOf(referencing);
  return new IecServer({
    identification: { manufacturer, speed: speedOf(baud, 'C')!, escapes: ['2'], text },
    ...{ mode: 'C', baud, readout: () => '!\r\n', answer: () => ['(ERROR00)'] },
  });
}
