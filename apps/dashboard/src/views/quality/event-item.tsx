import { useState } from 'preact/hooks';
import { useAsked } from '../../api/use-answer.js';
import { t } from '../../i18n/index.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { clockText } from '../../parts/value.js';
import { residualOf, type QualityEvent } from '../../quality/events.js';
import { fileHref, loadWave } from '../../quality/load-wave.js';
import type { Samples, Stretch, Waveform } from '../../quality/wave.js';
import { channelName, colourOf } from './channels.js';
import { WaveDrawing } from './wave-drawing.js';
import { inUnit, percentText, waveLabel, type Unit } from './words.js';

type Channels = Readonly<Record<string, Samples>>;

function Wave({ event, wave }: { event: QualityEvent; wave: Waveform }) {
  const panels: readonly (readonly [Unit, Channels])[] = [
    ['V', wave.voltage],
    ['A', wave.current],
  ];
  const length = Math.max(
    ...panels.flatMap(([, channels]) => Object.values(channels).map((samples) => samples.length)),
  );
  const stretch: Stretch = { from: 0, to: Math.max(1, length - 1) };
  const marks = [0, ...(event.duration === undefined ? [] : [event.duration * 1000])];
  return (
    <>
      {panels.map(([unit, channels]) => (
        <WaveDrawing
          key={unit}
          label={waveLabel(channels, stretch, unit)}
          channels={channels}
          unit={unit}
          rate={wave.rate}
          stretch={stretch}
          zero={((event.t - wave.start) / 1000) * wave.rate}
          marks={marks}
        />
      ))}
      <ul class="legend">
        {[...new Set(panels.flatMap(([, channels]) => Object.keys(channels)))].map((name) => (
          <li key={name}>
            <span class={`swatch c-${colourOf(name)}`} aria-hidden="true" />
            {channelName(name)}
          </li>
        ))}
        <li class="muted">{t('quality.events.marks')}</li>
      </ul>
    </>
  );
}

function LoadedWave({ event, name }: { event: QualityEvent; name: string }) {
  const { answer, problem } = useAsked(`${event.id} ${name}`, (signal) => loadWave(event.id, name, signal));
  if (problem?.status === 404) return <p class="muted">{t('quality.events.gone')}</p>;
  if (answer === undefined)
    return problem === undefined ? <p class="loading">{t('app.loading')}</p> : <ProblemNote problem={problem} />;
  return <Wave event={event} wave={answer} />;
}

function facts(event: QualityEvent): string {
  const residual = residualOf(event);
  return [
    inUnit(event.duration === undefined ? undefined : Math.round(event.duration * 1000), 'ms'),
    inUnit(event.extreme, 'V'),
    ...(residual === undefined ? [] : [t('quality.events.residual', { percent: percentText(residual) })]),
    ...(event.depth === undefined || residual !== undefined
      ? []
      : [t('quality.events.change', { percent: percentText(event.depth * 100) })]),
  ].join(', ');
}

/** What happened, and its wave where somebody wants to see it. */
export function EventItem({ event }: { event: QualityEvent }) {
  const [isOpen, setOpen] = useState(false);
  const { id, kind, t: at, phases, isDoubtful, wave } = event;
  return (
    <li class="item" data-event={id}>
      <div class="item-head">
        <strong>{t(`quality.events.${kind}`)}</strong>
        <span>{facts(event)}</span>
        {phases.length > 0 && <span class="muted">{phases.map(channelName).join(', ')}</span>}
        <time class="muted">{clockText(at)}</time>
        {isDoubtful && <span class="badge warn">{t('quality.events.doubtful')}</span>}
      </div>
      {wave === undefined ? (
        <p class="muted">{t('quality.events.waveless')}</p>
      ) : (
        <div class="act">
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {t('quality.events.wave')}
          </button>
          <a href={fileHref(id, wave)} download={`${kind}-${id}-${wave}`}>
            {t('quality.events.download')}
          </a>
        </div>
      )}
      {isOpen && wave !== undefined && <LoadedWave event={event} name={wave} />}
    </li>
  );
}
