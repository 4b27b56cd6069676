import { MODE, type Side } from './quantities.js';

/** How a router shows that it keeps to a set-point. */
export interface Proof {
  /** Path of the measure that has to agree. */
  readonly measure: string;
  /** `target`: the measure comes to it. `ceiling`: the measure is no further from 0, as PV gives no more than there is sun. */
  readonly kind: 'target' | 'ceiling';
}

/** Something that can be asked of a router. */
export interface SetpointKind {
  readonly unit: string | null;
  readonly side?: Side;
  /** Absent where only the router itself can say it. */
  readonly proof?: Proof;
  /** Path of the point that proves it. */
  readonly verify: string;
  /** Set-points that mean the same in parts: one of the two is held at a time. */
  readonly excludes?: readonly string[];
}

export const MODE_SETPOINT = 'mode/setpoint';
const REACTIVE = 'power/reactive/setpoint';
const PHASES = ['l1', 'l2', 'l3'] as const;

/** All that can be asked, by path; what a driver can do is a part of it (Storage4Grid D4.10 tables 5 and 7). */
export const SETPOINTS: Readonly<Record<string, SetpointKind>> = {
  [MODE_SETPOINT]: { unit: null, verify: MODE },
  'battery/power/setpoint': {
    ...{ unit: 'W', side: 'battery', verify: 'battery/power/in-force' },
    proof: { measure: 'battery/power', kind: 'target' },
  },
  'pv/power/setpoint': {
    ...{ unit: 'W', side: 'pv', verify: 'pv/power/in-force' },
    proof: { measure: 'pv/power', kind: 'ceiling' },
  },
  [REACTIVE]: {
    ...{ unit: 'var', side: 'reactive', verify: 'power/reactive/in-force' },
    proof: { measure: 'power/reactive', kind: 'target' },
    excludes: PHASES.map((phase) => `${REACTIVE}/${phase}`),
  },
  ...Object.fromEntries(
    PHASES.map((phase): [string, SetpointKind] => [
      `${REACTIVE}/${phase}`,
      {
        ...{ unit: 'var', side: 'reactive', verify: `power/reactive/in-force/${phase}` },
        proof: { measure: `power/reactive/${phase}`, kind: 'target' },
        excludes: [REACTIVE],
      },
    ]),
  ),
};
