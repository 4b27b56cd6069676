import { useState } from 'preact/hooks';
import { useCall } from '../../api/use-call.js';
import { t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { Choice } from '../../parts/choice.js';
import { clockText } from '../../parts/value.js';
import { countedOf, worstOf, type WeekReport, type Weeks } from '../../quality/week.js';
import { LimitTable, TONE, verdictText } from './limit-table.js';
import { Told } from './told.js';

const RENEW = 30_000;

function Report({ report }: { report: WeekReport }) {
  const { start, end, isOver, verdict, limits, intervals } = report;
  const { expected, flagged, unmeasured } = intervals['10-min'];
  return (
    <>
      <p>
        <span class={`badge ${TONE[verdict]}`}>{verdictText(verdict, isOver)}</span>{' '}
        <span class="muted">{t('quality.week.span', { from: clockText(start), to: clockText(end) })}</span>
      </p>
      <p class="muted">
        {t(isOver ? 'quality.week.counted' : 'quality.week.sofar', { counted: countedOf(limits), expected })}{' '}
        {flagged > 0 && t('quality.week.flagged', { flagged })}{' '}
        {unmeasured > 0 && t('quality.week.unmeasured', { unmeasured })}
      </p>
      <LimitTable limits={worstOf(limits)} isOver={isOver} />
      <p class="muted">{t('quality.week.help')}</p>
      <details>
        <summary>{t('quality.week.all', { count: limits.length })}</summary>
        <LimitTable limits={limits} isOver={isOver} />
      </details>
    </>
  );
}

/** How the voltage keeps to EN 50160 in the week that goes on and those before. */
export function WeekCard({ instance }: { instance: string | undefined }) {
  const [chosen, choose] = useState('');
  const asked = useCall<Weeks>({ instance, name: 'week', renew: RENEW });
  const { answer } = asked;
  const weeks = answer === undefined ? [] : [...(answer.running === null ? [] : [answer.running]), ...answer.past];
  const shown = weeks.find(({ week }) => week === chosen) ?? weeks[0];
  return (
    <Card
      title={t('quality.week')}
      class="week"
      aside={
        shown !== undefined &&
        weeks.length > 1 && (
          <Choice
            label={t('quality.week.choose')}
            value={shown.week}
            options={weeks.map(({ week, isOver }) => [week, isOver ? week : t('quality.week.running')])}
            onChoose={choose}
          />
        )
      }
    >
      <Told instance={instance} name="week" asked={asked}>
        {answer !== undefined && shown === undefined && <p class="muted">{t('quality.week.none')}</p>}
        {shown !== undefined && <Report report={shown} />}
      </Told>
    </Card>
  );
}
