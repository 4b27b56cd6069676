/** What of `cat` (contracts §5) says what may be commanded. */
export interface Offering {
  readonly points: readonly {
    readonly path: string;
    /** Absent where no values of it come. */
    readonly every?: number;
    /** Where the party may command it. */
    readonly write?: object;
  }[];
  readonly devices: readonly { readonly name: string; readonly online: boolean }[];
}

/** A set-point that a catalogue offers to command. */
export interface Offer {
  readonly path: string;
  /** Whether its device is on line; where none of its values is granted a catalogue does not say, and it counts as such. */
  readonly isUp: boolean;
}

const deviceOf = (path: string): string => path.slice(0, path.indexOf('/'));

/**
 * The set-points that a box takes commands for. One that has just started knows its points from before while their
 * devices are not there yet: they are not among the devices of its catalogue, and what was sent would be refused.
 */
export function offersOf({ points, devices }: Offering): Offer[] {
  const told = new Set(points.flatMap(({ path, every }) => (every === undefined ? [] : [deviceOf(path)])));
  const online = new Map(devices.map((device) => [device.name, device.online]));
  return points.flatMap(({ path, write }) => {
    const device = deviceOf(path);
    const isUp = told.has(device) ? online.get(device) : true;
    return write === undefined || isUp === undefined ? [] : [{ path, isUp }];
  });
}
