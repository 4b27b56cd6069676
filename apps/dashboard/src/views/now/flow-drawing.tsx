import type { Balance, Flow } from '../../energy/balance.js';
import type { PartKind } from '../../energy/parts.js';
import { quantity, quantityText } from '../../format/quantity.js';
import { language, t } from '../../i18n/index.js';
import { IconAt, type IconName } from '../../parts/icon.js';
import { clockText } from '../../parts/value.js';
import { doing, givesNow, IDLE } from './flow-words.js';

interface Place {
  readonly x: number;
  readonly y: number;
}

const RADIUS = 46;
const HOUSE_RADIUS = 54;
const WIDTH = 460;

/** The house in the middle, and around it what there is. */
function placesOf(kinds: readonly PartKind[]): { height: number; house: Place; of: Readonly<Record<PartKind, Place>> } {
  const top = kinds.includes('pv') ? 196 : 70;
  const isPair = kinds.length === 1;
  const below = kinds.includes('car') || kinds.includes('load');
  const house = { x: isPair ? 330 : WIDTH / 2, y: top };
  const of = {
    grid: { x: isPair ? 130 : 62, y: top },
    pv: { x: WIDTH / 2, y: 52 },
    battery: { x: WIDTH - 62, y: top },
    car: { x: WIDTH / 2 + 84, y: top + 160 },
    load: { x: WIDTH / 2 - 84, y: top + 160 },
  };
  return { height: top + (below ? 248 : 92), house, of };
}

const ICONS: Readonly<Record<PartKind, IconName>> = {
  grid: 'grid',
  pv: 'pv',
  battery: 'battery',
  car: 'car',
  load: 'load',
};

/** From edge to edge of the two circles. */
function between(from: Place, to: Place, radii: readonly [number, number]): string {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  const at = (d: number): string =>
    `${(from.x + (dx * d) / length).toFixed(1)} ${(from.y + (dy * d) / length).toFixed(1)}`;
  return `M${at(radii[0])}L${at(length - radii[1])}`;
}

/** The line of one part; dots move the way that power goes, faster where there is more. */
function Wire({ flow: { kind, watts }, part, house }: { flow: Flow; part: Place; house: Place }) {
  const radii = [RADIUS + 4, HOUSE_RADIUS + 4] as const;
  if (watts === undefined || Math.abs(watts) < IDLE)
    return <path class={`wire ${watts === undefined ? 'unknown' : 'idle'}`} d={between(part, house, radii)} />;
  const toHouse = givesNow(kind, watts);
  const d = toHouse ? between(part, house, radii) : between(house, part, [radii[1], radii[0]]);
  const seconds = Math.max(0.5, Math.min(3, 2400 / Math.abs(watts)));
  const width = Math.max(2.5, Math.min(7, 2 + Math.abs(watts) / 900));
  return (
    <g class={`k-${kind}`}>
      <path class="wire" d={d} style={{ strokeWidth: width }} marker-end={`url(#tip-${kind})`} />
      <path class="dots" d={d} style={{ animationDuration: `${seconds.toFixed(2)}s`, strokeWidth: width }} />
    </g>
  );
}

function Node({ flow, place: { x, y } }: { flow: Flow; place: Place }) {
  const { kind, watts, soc, isUncertain, last } = flow;
  const shown = watts === undefined ? undefined : quantity(Math.abs(watts), 'W', language.value);
  // under it goes its wire
  const isBeside = kind === 'pv';
  const below = watts === undefined && last > 0 ? `${t('quality.stale')}, ${clockText(last)}` : doing(flow);
  return (
    <g class={`node k-${kind} ${watts === undefined ? 'old' : ''}`} data-part={kind}>
      <circle cx={x} cy={y} r={RADIUS} />
      {soc !== undefined && <path class="ring" d={ring({ x, y }, soc)} />}
      <IconAt name={ICONS[kind]} x={x} y={y - 20} />
      <text class="amount" x={x} y={y + 14}>
        {isUncertain && shown !== undefined ? '≈ ' : ''}
        {shown === undefined ? '–' : shown.number}
        {shown !== undefined && <tspan class="unit"> {shown.unit}</tspan>}
      </text>
      <text class="small" x={x} y={y + 31}>
        {soc === undefined ? '' : quantityText(soc, '%', language.value)}
      </text>
      <g
        class={isBeside ? 'beside' : undefined}
        transform={isBeside ? `translate(${x + RADIUS + 10} ${y})` : `translate(${x} ${y + RADIUS + 18})`}
      >
        <text class="name">{t(`flow.${kind}`)}</text>
        <text class="small" y="16">
          {below}
        </text>
      </g>
    </g>
  );
}

/** A store's charge as an arc, from the top clockwise. */
function ring({ x, y }: Place, percent: number): string {
  const share = Math.max(0.001, Math.min(0.9999, percent / 100));
  const angle = share * 2 * Math.PI;
  const [ex, ey] = [x + RADIUS * Math.sin(angle), y - RADIUS * Math.cos(angle)];
  return `M${x} ${y - RADIUS}A${RADIUS} ${RADIUS} 0 ${share > 0.5 ? 1 : 0} 1 ${ex.toFixed(2)} ${ey.toFixed(2)}`;
}

function House({ watts, place: { x, y } }: { watts: number | undefined; place: Place }) {
  const shown = watts === undefined ? undefined : quantity(Math.abs(watts), 'W', language.value);
  const key = watts === undefined ? 'flow.house.unknown' : watts < 0 ? 'flow.house.gives' : 'flow.house.uses';
  return (
    <g class={`node k-house ${watts === undefined ? 'old' : ''}`} data-part="house">
      <circle cx={x} cy={y} r={HOUSE_RADIUS} />
      <IconAt name="house" x={x} y={y - 20} />
      <text class="amount" x={x} y={y + 16}>
        {shown === undefined ? '–' : shown.number}
        {shown !== undefined && <tspan class="unit"> {shown.unit}</tspan>}
      </text>
      <text class="small" x={x} y={y + 34}>
        {t(key)}
      </text>
    </g>
  );
}

/** A picture of what the sentence below it says. */
export function FlowDrawing({ balance: { flows, house } }: { balance: Balance }) {
  const places = placesOf(flows.map(({ kind }) => kind));
  return (
    <svg class="flows" viewBox={`0 0 ${WIDTH} ${places.height}`} aria-hidden="true">
      <defs>
        {flows.map(({ kind }) => (
          <marker
            key={kind}
            id={`tip-${kind}`}
            class={`tip k-${kind}`}
            viewBox="0 0 10 10"
            refX="7"
            refY="5"
            markerWidth="14"
            markerHeight="14"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M1 1 9 5 1 9z" />
          </marker>
        ))}
      </defs>
      {flows.map((flow) => (
        <Wire key={flow.kind} flow={flow} part={places.of[flow.kind]} house={places.house} />
      ))}
      {flows.map((flow) => (
        <Node key={flow.kind} flow={flow} place={places.of[flow.kind]} />
      ))}
      <House watts={house} place={places.house} />
    </svg>
  );
}
