import { t } from '../../i18n/index.js';
import type { Limit, Verdict } from '../../quality/week.js';
import { channelName } from './channels.js';
import { inUnit, percentText } from './words.js';

const WIDTH = 96;
const HEIGHT = 8;
export const TONE: Readonly<Record<Verdict, string>> = { ok: 'good', exceeded: 'bad', incomplete: 'calm' };

/** Shares are told in %, flicker has no unit. */
function valueText(value: number | null, { unit, quantity }: Limit): string {
  if (value === null) return '–';
  return unit === '1' && quantity !== 'flicker' ? percentText(value * 100, 2) : inUnit(value, unit);
}

function limitText({ low, high, unit, quantity }: Limit): string {
  const isShare = unit === '1' && quantity !== 'flicker';
  const number = (value: number): string => inUnit(isShare ? Number((value * 100).toFixed(3)) : value, '1');
  const most = [number(high), ...(isShare ? ['%'] : unit === '1' ? [] : [unit])].join('\u202f');
  return low > 0
    ? t('quality.week.between', { low: number(low), high: most })
    : t('quality.week.atMost', { high: most });
}

/** What is not over may still come. */
export const verdictText = (verdict: Verdict, isOver: boolean): string =>
  t(verdict === 'incomplete' && !isOver ? 'quality.week.open' : `quality.week.${verdict}`);

/** Where it is, of what all phases or orders share nothing. */
function place({ phase, order }: Limit): string {
  const parts = [
    order === null ? [] : [t('quality.week.order', { order })],
    phase === null ? [] : [channelName(phase)],
  ];
  return parts.flat().join(', ');
}

/** What the two figures beside it say. */
function Bar({ limit: { share, required, verdict } }: { limit: Limit }) {
  return (
    <svg class={`share ${TONE[verdict]}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <rect class="all" width={WIDTH} height={HEIGHT} rx="3" />
      {share !== null && <rect width={WIDTH * share} height={HEIGHT} rx="3" />}
      <path d={`M${WIDTH * required - 1} 0v${HEIGHT}`} />
    </svg>
  );
}

/** Limits of EN 50160, and which share of the values kept to them. */
export function LimitTable({ limits, isOver }: { limits: readonly Limit[]; isOver: boolean }) {
  return (
    <div class="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('quality.week.quantity')}</th>
            <th scope="col">{t('quality.week.verdict')}</th>
            <th scope="col">{t('quality.week.within')}</th>
            <th scope="col">{t('quality.week.required')}</th>
            <th scope="col">{t('quality.week.limit')}</th>
            <th scope="col">{t('quality.week.extremes')}</th>
          </tr>
        </thead>
        <tbody>
          {limits.map((limit) => (
            <tr key={`${limit.quantity} ${limit.phase} ${limit.order} ${limit.required}`}>
              <th scope="row">
                {t(`quality.of.${limit.quantity}`)} <span class="muted">{place(limit)}</span>
              </th>
              <td>
                <span class={`badge ${TONE[limit.verdict]}`}>{verdictText(limit.verdict, isOver)}</span>
              </td>
              <td>
                {limit.share === null ? '–' : percentText(limit.share * 100, 2)} <Bar limit={limit} />
              </td>
              <td>{percentText(limit.required * 100)}</td>
              <td>{limitText(limit)}</td>
              <td>
                {valueText(limit.lowest, limit)} … {valueText(limit.highest, limit)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
