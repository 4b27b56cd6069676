import type { SmxContext } from '@smx-edge/extension-api';
import { WAYS, type Way } from './site/blend.js';

/** How one way fares: undefined while it is read, else what is wrong and what to do. */
export interface WayState {
  readonly wrong: string | undefined;
}

const TITLES: Readonly<Record<Way, string>> = { modbus: 'Modbus', api: 'Solar API' };

/** Tells how the ways to the inverter fare, as one state of the instance. */
export class InstanceStatus {
  private said = '';
  private readonly logged = new Map<Way, string>();

  constructor(
    private readonly smx: Pick<SmxContext, 'status' | 'log'>,
    private readonly ways: Readonly<Partial<Record<Way, WayState>>>,
  ) {
    smx.status('busy', 'asking the inverter');
  }

  tell(): void {
    const used = WAYS.flatMap((way) => (this.ways[way] === undefined ? [] : [{ way, wrong: this.ways[way].wrong }]));
    const failed = used.flatMap(({ way, wrong }) => (wrong === undefined ? [] : [`${TITLES[way]}: ${wrong}`]));
    const good = used.filter(({ wrong }) => wrong === undefined).map(({ way }) => TITLES[way]);
    for (const { way, wrong } of used) this.log(way, wrong);
    const state = failed.length === 0 ? 'ok' : good.length === 0 ? 'error' : 'warning';
    const reading = good.length === 0 ? [] : [`reading over ${good.join(' and ')}`];
    const text = [...failed, ...reading].join('; ');
    if (`${state} ${text}` === this.said) return;
    this.said = `${state} ${text}`;
    this.smx.status(state, text);
  }

  private log(way: Way, wrong: string | undefined): void {
    if (this.logged.get(way) === wrong) return;
    if (wrong === undefined) this.logged.delete(way);
    else this.logged.set(way, wrong);
    if (wrong !== undefined) this.smx.log.warn(`${TITLES[way]} cannot be read`, { wrong });
  }
}
