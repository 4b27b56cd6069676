import type { DlmsServer } from '@smx-edge/protocols/dlms';
import { FIRST_BAUD, IecServer, speedOf, type Identification } from '@smx-edge/protocols/iec62056-21';
import type { MeterSource } from '../billing/index.js';
import { logicalDevice } from '../dlms-meter/index.js';
import { answer, readout, type AnswerOptions } from './answers.js';
import { DIALECTS, type DialectName } from './dialect.js';

/** D: unasked, every few seconds. E: as C, and HDLC for who wants it. */
export const IEC_MODES = ['A', 'B', 'C', 'D', 'E'] as const;
export type IecMode = (typeof IEC_MODES)[number];

/** What all meters of a line have in common. */
export interface IecMeterOptions extends Pick<AnswerOptions, 'stamp' | 'block'> {
  readonly mode: IecMode;
  readonly family: DialectName;
  /** Baud behind the sign-on; of modes A and D the only one. Absent = all as fast as it goes. */
  readonly baud?: number;
  /** Number of the first meter; those behind count up. */
  readonly serial: string;
  /** Wanted before anything is read in programming mode. */
  readonly password?: string;
  /** Addresses that are shown in the readout, and refused where they are asked for alone. */
  readonly protected: readonly string[];
  /** Whether a readout of mode A comes in a block with its check. */
  readonly framed: boolean;
}

/** Which meter of its line one is, and what it looks at. */
export interface MeterPlace {
  /** From 0. */
  readonly number: number;
  readonly source: MeterSource;
  /** ms by which its clock is ahead. */
  readonly clockError: () => number;
}

/** What a meter offers where nothing is said. */
const BAUDS: Readonly<Record<IecMode, number>> = { A: FIRST_BAUD, B: 9600, C: 9600, D: 2400, E: 9600 };
/** Z of mode D, which stands for 2400 baud. */
const PUSHED = '3';

/** Baud at which its line begins; 0 = as fast as it goes. */
export const firstBaud = ({ mode, baud }: IecMeterOptions): number =>
  baud === undefined ? 0 : mode === 'D' ? baud : FIRST_BAUD;

/** Who a meter says it is. */
export function identificationOf({
  mode,
  family,
  baud = BAUDS[mode],
}: IecMeterOptions): Pick<Identification, 'manufacturer' | 'speed' | 'escapes' | 'text'> {
  // prettier-ignore
  const { manufacturer, escapes, text } = DIALECTS[family];
  const speed = mode === 'A' ? ' ' : (speedOf(baud, mode === 'B' ? 'B' : 'C') ?? PUSHED);
  return { manufacturer, speed, escapes: mode === 'E' ? ['2'] : escapes, text };
}

/** A meter as one reader meets it; without an address of its own it answers to its serial number. */
export function meterOf(
  options: IecMeterOptions,
  { number, source, clockError }: MeterPlace,
  { address, isPassword }: { readonly address: string | undefined; readonly isPassword: (text: string) => boolean },
): IecServer {
  const { mode, family, baud = BAUDS[mode], stamp, block, password, framed: isFramed } = options;
  const dialect = DIALECTS[family];
  const serial = serialOf(options, number);
  const registers = { dialect, serial, clockError };
  return new IecServer({
    ...{ identification: identificationOf(options), mode: mode === 'E' ? 'C' : mode, baud, isFramed },
    ...{ address: address ?? serial, operand: dialect.operand, refusal: dialect.refusal },
    ...(password !== undefined && { isPassword: (_: string, text: string) => isPassword(text) }),
    readout: () => readout(source, registers),
    answer: answer(source, { ...registers, stamp, block, isProtected: (each) => options.protected.includes(each) }),
  });
}

/** The same meter as HDLC shows it: what Landis+Gyr makes by short names, others by logical ones. */
export function hdlcOf(options: IecMeterOptions, { number, source, clockError }: MeterPlace): DlmsServer {
  const { family, password } = options;
  return logicalDevice(
    {
      ...{ referencing: family === 'landis-gyr' ? 'sn' : 'ln', maxPdu: 2400, blocks: 'none', full: true },
      serial: options.serial,
      ...(password !== undefined && { password: Buffer.from(password, 'latin1') }),
    },
    { server: 1 },
    { number, framing: 'hdlc', source, clockError, hasSeenHigher: () => false },
  );
}

function serialOf({ serial }: IecMeterOptions, number: number): string {
  return String(Number(serial) + number).padStart(serial.length, '0');
}
