import { useId, useState } from 'preact/hooks';
import type { Point } from '../../api/answers.js';
import { post } from '../../api/client.js';
import { quantityText } from '../../format/quantity.js';
import { language, t } from '../../i18n/index.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { useAct } from './act.js';

const SPANS = ['5m', '15m', '1h', '4h', '1d'];

function valueOf(text: string, type: Point['type']): number | boolean | string {
  if (type === 'boolean') return text === 'true';
  return type === 'number' ? Number(text) : text;
}

/** Gives a set-point a value for a time, as who is logged in. */
export function OverrideForm({ point, onDone }: { point: Point; onDone: () => void }) {
  const { path, unit, type, write } = point;
  const id = useId();
  const [text, setText] = useState(type === 'boolean' ? 'true' : '');
  const [span, setSpan] = useState('15m');
  const [reason, setReason] = useState('');
  const { problem, isBusy, run } = useAct(onDone);
  const bound = (value: number | undefined): string =>
    value === undefined ? '–' : quantityText(value, unit, language.value);
  const give = (): Promise<boolean> =>
    run(() =>
      post('commands', { point: path, value: valueOf(text, type), for: span, ...(reason === '' ? {} : { reason }) }),
    );
  const submit = (event: Event): void => {
    event.preventDefault();
    void give().then((isTaken) => {
      if (isTaken) setReason('');
    });
  };
  return (
    <form class="override" onSubmit={submit}>
      <div class="field">
        <label htmlFor={`${id}-value`}>{unit === null ? t('control.value') : `${t('control.value')} (${unit})`}</label>
        {type === 'boolean' ? (
          <select id={`${id}-value`} value={text} onChange={(event) => setText(event.currentTarget.value)}>
            <option value="true">{t('unit.yes')}</option>
            <option value="false">{t('unit.no')}</option>
          </select>
        ) : (
          <div class="input">
            <input
              id={`${id}-value`}
              {...(type === 'number'
                ? { type: 'number' as const, step: 'any', min: write?.min, max: write?.max }
                : { type: 'text' as const })}
              value={text}
              required
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </div>
        )}
      </div>
      <div class="field">
        <label htmlFor={`${id}-span`}>{t('control.for')}</label>
        <select id={`${id}-span`} value={span} onChange={(event) => setSpan(event.currentTarget.value)}>
          {SPANS.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label htmlFor={`${id}-reason`}>{t('control.reason')}</label>
        <div class="input">
          <input
            id={`${id}-reason`}
            type="text"
            maxLength={500}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </div>
      </div>
      <button type="submit" class="main" disabled={isBusy}>
        {t('control.set')}
      </button>
      <p class="muted">
        {type === 'number' && t('control.bounds', { min: bound(write?.min), max: bound(write?.max) })}{' '}
        {t('control.lease', { lease: write?.lease ?? '' })}
      </p>
      <ProblemNote problem={problem} />
    </form>
  );
}
