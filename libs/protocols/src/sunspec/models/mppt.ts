import { DER_MODELS_SOURCE, model, numbered } from './definition.js';

const EVENTS = {
  ...{ 0: 'ground-fault', 1: 'input-over-voltage', 3: 'dc-disconnect', 5: 'cabinet-open', 6: 'manual-shutdown' },
  ...{ 7: 'over-temperature', 12: 'blown-fuse', 13: 'under-temperature', 14: 'memory-loss', 15: 'arc-detection' },
  ...{ 20: 'test-failed', 21: 'input-under-voltage', 22: 'input-over-current' },
};
const MPPT_SYMBOLS = {
  Evt: EVENTS,
  DCSt: numbered(1, 'off sleeping starting mppt throttled shutting-down fault standby test'),
  DCEvt: EVENTS,
};

/** Trackers, and on hybrids the two ways of the battery, one block each; their scale factors stand before them. */
export const MPPT = model(
  { id: 160, name: 'mppt', source: `${DER_MODELS_SOURCE}, multiple MPPT`, symbols: MPPT_SYMBOLS },
  [
    ['DCA_SF DCV_SF DCW_SF DCWH_SF', 'sunssf'],
    ['Evt', 'bitfield32'],
    ['N', 'count'],
    ['TmsPer', 'uint16'],
  ],
  [
    ['ID', 'uint16'],
    ['IDStr', 'string8'],
    ['DCA', 'uint16', 'A', 'DCA_SF'],
    ['DCV', 'uint16', 'V', 'DCV_SF'],
    ['DCW', 'uint16', 'W', 'DCW_SF'],
    ['DCWH', 'acc32', 'Wh', 'DCWH_SF'],
    ['Tms', 'uint32', 's'],
    ['Tmp', 'int16', 'Cel'],
    ['DCSt', 'enum16'],
    ['DCEvt', 'bitfield32'],
  ],
);
