import type { SmxContext, StatusState } from '@smx-edge/extension-api';
import { WAYS, type Way } from './site/blend.js';

/** How one way to the inverter fares; the text says what to do where something is wrong. */
export interface WayState {
  readonly state: StatusState;
  readonly text: string;
}

const TITLES: Readonly<Record<Way, string>> = { modbus: 'Modbus', api: 'Solar API' };

/** Tells how the ways to the inverter fare, as one state of the instance: what is wrong goes first. */
export class InstanceStatus {
  private said = '';
  private readonly logged = new Map<Way, string>();

  constructor(
    private readonly smx: Pick<SmxContext, 'status' | 'log'>,
    private readonly ways: Readonly<Partial<Record<Way, () => WayState>>>,
  ) {
    smx.status('busy', 'asking the inverter');
  }

  tell(): void {
    const used = WAYS.flatMap((way) => {
      const ask = this.ways[way];
      return ask === undefined ? [] : [{ way, ...ask() }];
    });
    for (const { way, state, text } of used) this.log(way, state === 'error' ? text : undefined);
    const states = used.map(({ state }) => state);
    const all = together(states);
    // the good ones last
    used.sort((a, b) => Number(a.state === 'ok') - Number(b.state === 'ok'));
    const text = used.map((one) => `${TITLES[one.way]}: ${one.text}`).join('; ');
    if (`${all} ${text}` === this.said) return;
    this.said = `${all} ${text}`;
    this.smx.status(all, text);
  }

  private log(way: Way, wrong: string | undefined): void {
    if (this.logged.get(way) === wrong) return;
    if (wrong === undefined) this.logged.delete(way);
    else {
      this.logged.set(way, wrong);
      this.smx.log.warn(`${TITLES[way]} cannot be read`, { wrong });
    }
  }
}

/** Where one way is read, what is wrong with the other is no more than a warning. */
function together(states: readonly StatusState[]): StatusState {
  const isRead = states.some((state) => state === 'ok' || state === 'warning');
  if (isRead) return states.some((state) => state === 'error' || state === 'warning') ? 'warning' : 'ok';
  return states.includes('busy') ? 'busy' : 'error';
}
