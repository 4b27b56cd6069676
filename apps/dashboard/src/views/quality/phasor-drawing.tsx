import { tipOf, type PhasorsByChannel } from '../../quality/phasors.js';
import { channelName, colourOf } from './channels.js';

const RADIUS = 96;
const SIZE = 260;
/** Arrows of currents are shorter, so that both are seen. */
const LENGTH = { voltage: RADIUS, current: RADIUS * 0.66 } as const;
const MARKS = [0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330];

const pointText = ([x, y]: readonly [number, number]): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

function Arrow({
  angle,
  length,
  name,
  kind,
}: {
  angle: number;
  length: number;
  name: string;
  kind: keyof typeof LENGTH;
}) {
  const tip = tipOf(angle, length);
  const side = (by: number): string => pointText(tipOf(angle + (by * 180) / Math.PI / length, length - 9));
  const [x, y] = tipOf(angle, length + (kind === 'voltage' ? 16 : 12));
  return (
    <g class={`arrow ${kind} c-${colourOf(name)}`} data-channel={name}>
      <path class="line" d={`M0 0L${pointText(tip)}M${side(4)}L${pointText(tip)}L${side(-4)}`} />
      <text x={x} y={y + 4} text-anchor="middle">
        {`${kind === 'voltage' ? 'U' : 'I'}${channelName(name).replace(/^L/, '')}`}
      </text>
    </g>
  );
}

function Arrows({ of, kind }: { of: PhasorsByChannel; kind: keyof typeof LENGTH }) {
  const most = Math.max(...Object.values(of).map((phasor) => phasor?.rms ?? 0));
  return (
    <>
      {Object.entries(of).map(([name, phasor]) =>
        // what is next to nothing has no direction
        phasor === null || phasor.rms < most * 0.02 ? null : (
          <Arrow key={name} name={name} kind={kind} angle={phasor.angle} length={(LENGTH[kind] * phasor.rms) / most} />
        ),
      )}
    </>
  );
}

interface DrawingProps {
  readonly voltage: PhasorsByChannel;
  readonly current: PhasorsByChannel;
}

/** A picture of what the table beside it says; the first voltage points to the right, ahead is counter-clockwise. */
export function PhasorDrawing({ voltage, current }: DrawingProps) {
  return (
    <svg
      class="plot"
      viewBox={`${-SIZE / 2} ${-SIZE / 2} ${SIZE} ${SIZE}`}
      style={{ maxWidth: '20rem' }}
      aria-hidden="true"
    >
      <circle class="rule" r={RADIUS} />
      <path class="rule" d={MARKS.map((mark) => `M0 0L${pointText(tipOf(mark, RADIUS))}`).join('')} />
      <Arrows of={voltage} kind="voltage" />
      <Arrows of={current} kind="current" />
    </svg>
  );
}
