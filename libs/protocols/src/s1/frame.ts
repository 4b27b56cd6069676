/**
 * The frame of the S1 port, one for each sample of the meter (e-MUCS H Ed. 1.3 §4.2): an HDLC UI frame of ISO/IEC 13239 whose bytes are
 * not escaped. Offsets count from the opening flag.
 */
export const FLAG = 0x7e;
/** Both flags included. */
export const S1_FRAME_LENGTH = 45;
/** Frame format type 1 and length 43, address of all stations, control field of UI. */
export const HEADER: readonly number[] = [FLAG, 0x80, 0x2b, 0xff, 0x03];
export const METER_ID = 5;
export const METER_ID_LENGTH = 14;
export const INFO = 19;
export const SAMPLING = 20;
export const FREQUENCY = 21;
export const SEQUENCE = 23;
/** Voltage and current of phase 1; those of the other two phases follow. */
export const PHASES = 24;
export const NEUTRAL = 39;
export const FCS = 42;
export const CLOSING = 44;

export const POLYPHASE = 0x01;
/** The sampling field counts samples of a period; otherwise hundreds of hertz. */
export const PER_PERIOD = 0x02;
export const FOUR_WIRE = 0x04;
export const SAMPLES_VALID = 0x08;
export const NEUTRAL_MEASURED = 0x10;
/** Of the info byte, the version of the data format. */
export const VERSION_SHIFT = 5;
/** The one version whose layout is published. */
export const KNOWN_VERSION = 0;

/** A step of a voltage is 25 mV, of a current 1 mA. */
export const STEPS_PER_VOLT = 40;
export const STEPS_PER_AMPERE = 1000;
export const STEPS_PER_HERTZ = 1000;
export const HERTZ_PER_SAMPLING_STEP = 100;
