import type { Point } from '../../api/answers.js';
import { quantityText } from '../../format/quantity.js';
import { language, t } from '../../i18n/index.js';
import type { FormGroup } from './forms.js';

type Listed = { readonly path: string } & Partial<Pick<Point, 'value' | 'unit' | 'quality' | 'reason'>>;

function SeenValue({ point: { value, unit, quality, reason } }: { point: Listed }) {
  const text =
    typeof value === 'number'
      ? quantityText(value, unit ?? null, language.value)
      : value === null
        ? '–'
        : String(value);
  const isGood = quality === 'good' && value !== null;
  return (
    <span class={`value ${isGood ? '' : 'old'}`}>
      {text}
      {reason !== undefined && <span class="why"> {reason}</span>}
    </span>
  );
}

/** Points by the conditions they are given under; `withValues` as the party would get them now. */
export function PointGroups({
  groups,
  withValues = false,
}: {
  groups: readonly FormGroup<Listed>[];
  withValues?: boolean;
}) {
  if (groups.length === 0) return <p class="muted">{t('access.nothing')}</p>;
  return (
    <>
      {groups.map(({ form, points }) => (
        <details key={form} class="form-group" open={groups.length <= 3 && points.length <= 60}>
          <summary>
            <strong>{form}</strong> <span class="muted">{t('access.points', { count: points.length })}</span>
          </summary>
          <ul class={withValues ? 'seen' : 'paths'}>
            {points.map((point) => (
              <li key={point.path}>
                <code>{point.path}</code>
                {withValues && <SeenValue point={point} />}
              </li>
            ))}
          </ul>
        </details>
      ))}
    </>
  );
}
