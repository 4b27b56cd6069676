import type { EventNames, Evidence } from '@smx-edge/extension-api/metering';
import type { Reading } from '@smx-edge/protocols/iec62056-21';

/** What is known of a family of meters; the config of an instance goes before it. */
export interface MeterProfile extends EventNames {
  readonly title: string;
  readonly manufacturer?: string;
  /** Regular expressions over the maker's three letters and text of an identification, whatever case; none: only by name. */
  readonly identifications: readonly string[];
  /** From the first byte of the acknowledgement to the new speed, ms; none: half of the reaction time of the meter behind it. */
  readonly baudDelay?: number;
  /** Silence after which the meter is asked again, ms. */
  readonly silence: number;
  /** Commands that registers, load profiles and logs are read with (IEC 62056-21 §6.4.4 and Annex C). */
  readonly registerCommand: Reading;
  readonly profileCommand: Reading;
  /** Digits of the time stamps of a range: 11 and 13 begin with the season, 12 and 13 end with seconds. */
  readonly digits: 10 | 11 | 12 | 13;
  /** `headed`: rows under headings with status and channels. `dated`: a time in each row, and no heading. */
  readonly form: 'headed' | 'dated';
  /** Of rows without a heading: what stands in them, as `1.8.0*kWh`, and their distance, ms. */
  readonly channels: readonly string[];
  readonly period: number;
  /** The stamp of a row stands at the end of its interval, or at its start. */
  readonly stamp: 'end' | 'start';
  /** Load profiles and logs to keep. */
  readonly profiles: readonly string[];
  readonly evidence: readonly Evidence[];
}
