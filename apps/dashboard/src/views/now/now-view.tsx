import { useDevices } from '../../state/devices.js';
import { CountersCard } from './counters-card.js';
import { EventsCard } from './events-card.js';
import { FlowCard } from './flow-card.js';
import { MeterCard } from './meter-card.js';
import { PowerCard } from './power-card.js';
import { QuarterCard } from './quarter-card.js';

/** The house now, at a glance. */
export function NowView() {
  useDevices();
  return (
    <div class="now">
      <div>
        <FlowCard />
        <PowerCard />
      </div>
      <div>
        <QuarterCard />
        <MeterCard />
        <CountersCard />
        <EventsCard />
      </div>
    </div>
  );
}
