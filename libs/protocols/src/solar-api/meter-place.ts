/** Where a meter stands. */
export type MeterPlace =
  'feed-in' | 'consumption' | 'generator' | 'battery' | 'sub-load' | 'ev' | 'storage' | 'unknown';

interface Range {
  readonly from: number;
  readonly to: number;
  readonly place: MeterPlace;
}

/** `Meter_Location_Current` of the Fronius Solar API V1 (GetMeterRealtimeData). */
const RANGES: readonly Range[] = [
  { from: 0, to: 0, place: 'feed-in' },
  { from: 1, to: 1, place: 'consumption' },
  { from: 3, to: 3, place: 'generator' },
  { from: 4, to: 4, place: 'battery' },
  { from: 256, to: 511, place: 'sub-load' },
  { from: 512, to: 768, place: 'ev' },
  { from: 769, to: 1023, place: 'storage' },
];

export function meterPlace(location: number): MeterPlace {
  return RANGES.find(({ from, to }) => location >= from && location <= to)?.place ?? 'unknown';
}
