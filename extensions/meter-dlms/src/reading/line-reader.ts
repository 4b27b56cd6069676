import type { Alarms, SmxContext } from '@smx-edge/extension-api';
import { EventPace, MeterTurns } from '@smx-edge/extension-api/metering';
import { MeterLine } from '../line/meter-line.js';
import { settingsOf, type DlmsConfig } from '../settings.js';
import type { MeterPush } from '../push/meter-push.js';
import { MeterReader } from './meter-reader.js';

/** All meters of one line, and what they push. */
export class LineReader {
  readonly meters: readonly MeterReader[];
  /** Undefined where the meters only push. */
  private readonly line: MeterLine | undefined;
  private readonly pushes: readonly MeterPush[];
  private readonly turns: MeterTurns;

  /** `title`: of this reader, where the config says none. */
  constructor(smx: SmxContext<DlmsConfig>, { alarms, title }: { readonly alarms: Alarms; readonly title: Uint8Array }) {
    const settings = settingsOf(smx.config, smx.timezone, title);
    const { source } = settings;
    const line = source === undefined ? undefined : new MeterLine({ line: smx.open(source, { idle: 0, remote: true }), settings, state: smx.state }); // prettier-ignore
    this.line = line;
    const pace = new EventPace();
    this.meters = settings.meters.map((meter) => new MeterReader({ smx, meter, alarms, pace, ...(line && { line }) }));
    this.pushes = this.meters.flatMap(({ push }) => push ?? []);
    const interval = settings.meters[0]!.instantaneous;
    this.turns = new MeterTurns({ smx, meters: this.meters, interval, stopped: async () => line?.save() });
  }

  async run(): Promise<void> {
    await this.turns.begin();
    await Promise.all([this.line?.run(), ...this.pushes.map((push) => push.run())]);
  }
}
