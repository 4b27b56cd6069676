import { useRef, useState } from 'preact/hooks';
import { useCall } from '../../api/use-call.js';
import { t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { Choice } from '../../parts/choice.js';
import { clockText } from '../../parts/value.js';
import { triggered, type Samples, type Stretch, type Waveform } from '../../quality/wave.js';
import { channelName, colourOf } from './channels.js';
import { Told } from './told.js';
import { WaveDrawing } from './wave-drawing.js';
import { channelWords, waveLabel, type Unit } from './words.js';

const RENEW = 1000;
const CYCLES = ['1', '2', '4', '10', '25'] as const;
type Cycles = (typeof CYCLES)[number];

interface Shown {
  readonly wave: Waveform;
  readonly cycles: Cycles;
}

interface ChannelsProps {
  readonly hidden: ReadonlySet<string>;
  readonly names: readonly string[];
  readonly onToggle: (name: string) => void;
}

/** Which phases are drawn. */
function ChannelChoice({ hidden, names, onToggle }: ChannelsProps) {
  return (
    <div class="choice" role="group" aria-label={t('quality.channels')}>
      {names.map((name) => (
        <button key={name} type="button" aria-pressed={!hidden.has(name)} onClick={() => onToggle(name)}>
          <span class={`swatch c-${colourOf(name)}`} aria-hidden="true" />
          {channelName(name)}
        </button>
      ))}
    </div>
  );
}

type Channels = Readonly<Record<string, Samples>>;

function Panel({
  wave,
  channels,
  stretch,
  unit,
}: {
  wave: Waveform;
  channels: Channels;
  stretch: Stretch;
  unit: Unit;
}) {
  if (Object.keys(channels).length === 0) return null;
  return (
    <>
      <h3>{t(unit === 'V' ? 'quality.voltages' : 'quality.currents')}</h3>
      <WaveDrawing
        label={waveLabel(channels, stretch, unit)}
        channels={channels}
        unit={unit}
        rate={wave.rate}
        stretch={stretch}
        zero={stretch.from}
      />
      <ul class="legend">
        {Object.entries(channels).map(([name, samples]) => (
          <li key={name} data-channel={name}>
            <span class={`swatch c-${colourOf(name)}`} aria-hidden="true" />
            {channelName(name)} <span class="muted">{channelWords(samples, stretch, unit)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Picture({ shown: { wave, cycles }, hidden }: { shown: Shown; hidden: ReadonlySet<string> }) {
  const [first = []] = Object.values(wave.voltage);
  const still = triggered(first, Number(cycles));
  const stretch = still ?? { from: 0, to: Math.max(1, first.length - 1) };
  const seen = (channels: Channels): Channels =>
    Object.fromEntries(Object.entries(channels).filter(([name]) => !hidden.has(name)));
  return (
    <>
      {still === undefined && <p class="note warn">{t('quality.scope.free')}</p>}
      <Panel wave={wave} channels={seen(wave.voltage)} stretch={stretch} unit="V" />
      <Panel wave={wave} channels={seen(wave.current)} stretch={stretch} unit="A" />
      <p class="muted">{t('quality.scope.at', { time: clockText(wave.start), rate: Math.round(wave.rate) })}</p>
    </>
  );
}

/** Voltages and currents of the last cycles, anew each second while somebody looks. */
export function ScopeCard({ instance }: { instance: string | undefined }) {
  const [cycles, setCycles] = useState<Cycles>('2');
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [held, setHeld] = useState<Shown | undefined>(undefined);
  const last = useRef<Shown | undefined>(undefined);
  const asked = useCall<Waveform>({
    ...{ instance: held === undefined ? instance : undefined, name: 'scope', renew: RENEW },
    // two more: one to begin in, one that the last samples may lack
    args: { cycles: Number(cycles) + 2 },
  });
  const live = asked.answer && { wave: asked.answer, cycles };
  if (live !== undefined) last.current = live;
  // so that nothing jumps while another number of cycles is asked for
  const shown = held ?? live ?? last.current;
  const names = shown && [...new Set([...Object.keys(shown.wave.voltage), ...Object.keys(shown.wave.current)])];
  const toggle = (name: string): void => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  const choose = (chosen: Cycles): void => {
    setCycles(chosen);
    setHeld(undefined);
  };
  return (
    <Card
      title={t('quality.scope')}
      class="scope"
      aside={
        live !== undefined || held !== undefined ? (
          <button
            type="button"
            aria-pressed={held !== undefined}
            onClick={() => setHeld(held === undefined ? live : undefined)}
          >
            {t('quality.scope.pause')}
          </button>
        ) : null
      }
    >
      <Told instance={instance} name="scope" asked={asked}>
        {shown !== undefined && (
          <>
            <div class="act">
              <Choice
                label={t('quality.scope.cycles')}
                value={cycles}
                options={CYCLES.map((n) => [n, n === '1' ? t('quality.scope.cycle') : t('quality.scope.count', { n })])}
                onChoose={choose}
              />
              <ChannelChoice names={names ?? []} hidden={hidden} onToggle={toggle} />
            </div>
            <Picture shown={shown} hidden={hidden} />
          </>
        )}
      </Told>
    </Card>
  );
}
