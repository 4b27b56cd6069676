import type { Point } from '../../api/answers.js';
import { clockText, Value } from '../../parts/value.js';
import { maybe, t } from '../../i18n/index.js';
import { reading } from '../../state/live.js';
import { hrefOf } from '../../state/route.js';

export function givenAs({ every, as }: Pick<Point, 'every' | 'as'>): string {
  return every === undefined
    ? t('devices.given.raw')
    : t('quality.window', { as: maybe(`as.${as ?? 'mean'}`) ?? '', every });
}

function At({ path }: { path: string }) {
  const at = reading(path).value?.t ?? 0;
  return <>{at === 0 ? '–' : clockText(at)}</>;
}

/** Points with their live values; a number leads to its history. */
export function PointTable({ points }: { points: readonly Point[] }) {
  return (
    <table class="points">
      <thead>
        <tr>
          <th scope="col">{t('devices.point')}</th>
          <th scope="col">{t('devices.value')}</th>
          <th scope="col" class="wide">
            {t('devices.at')}
          </th>
          <th scope="col" class="wide">
            {t('devices.given')}
          </th>
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <tr key={point.path}>
            <th scope="row">
              {point.type === 'number' ? (
                <a href={hrefOf('devices', point.path)} aria-label={t('devices.history', { point: point.path })}>
                  {point.path.slice(point.path.indexOf('/') + 1)}
                </a>
              ) : (
                point.path.slice(point.path.indexOf('/') + 1)
              )}
            </th>
            <td>
              <Value path={point.path} unit={point.unit} type={point.type} wordy />
            </td>
            <td class="wide muted">
              <At path={point.path} />
            </td>
            <td class="wide muted">{givenAs(point)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
