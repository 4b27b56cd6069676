/** The parts of a serial mode such as `8N1`. */
export interface SerialMode {
  readonly dataBits: 5 | 6 | 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

const PARITY = { N: 'none', E: 'even', O: 'odd' } as const;

/** `7E1` → 7 data bits, even parity, 1 stop bit; undefined where it is no mode. */
export function parseMode(text: string): SerialMode | undefined {
  const match = /^([5-8])([NEO])([12])$/.exec(text);
  if (match === null) return undefined;
  return {
    dataBits: Number(match[1]) as SerialMode['dataBits'],
    parity: PARITY[match[2] as keyof typeof PARITY],
    stopBits: Number(match[3]) as SerialMode['stopBits'],
  };
}
