import type { Schedule } from '../../api/answers.js';
import { t } from '../../i18n/index.js';
import { clockText } from '../../parts/value.js';
import { boxNow } from '../../state/clock.js';
import { Cancel } from './cancel.js';
import { authorityText, textOf } from './command-row.js';

interface PlanProps {
  readonly plan: Schedule;
  readonly unit: string | null;
  readonly onDone: () => void;
}

/** A schedule: whose it is, what comes next, all that is to come; and its end. */
function Plan({ plan, unit, onDone }: PlanProps) {
  const { point, principal, authority, start, step, until, values } = plan;
  const coming = values.map((value, i) => ({ value, at: start + i * step })).filter(({ at }) => at > boxNow());
  const [next] = coming;
  return (
    <li class="item">
      <div class="item-head">
        <strong>
          {next === undefined
            ? t('control.plan.last')
            : t('control.plan.next', { value: textOf(next.value, unit), time: clockText(next.at) })}
        </strong>
        <span>{t('control.by', { who: principal, authority: authorityText(authority) })}</span>
        <span class="muted">{t('control.until', { time: clockText(until) })}</span>
      </div>
      {coming.length > 1 && (
        <details>
          <summary>{t('control.plan.all', { count: coming.length })}</summary>
          <ol class="muted">
            {coming.map(({ value, at }) => (
              <li key={at}>
                {clockText(at)}: {textOf(value, unit)}
              </li>
            ))}
          </ol>
        </details>
      )}
      <Cancel path={`schedules/${point}`} of={plan} onDone={onDone} />
    </li>
  );
}

/** What is planned for a set-point, by whom. */
export function Plans({ plans, ...rest }: { plans: readonly Schedule[] } & Omit<PlanProps, 'plan'>) {
  if (plans.length === 0) return null;
  return (
    <>
      <h3>{t('control.plan')}</h3>
      <ul class="items">
        {plans.map((plan) => (
          <Plan key={`${plan.principal} ${plan.id} ${plan.start}`} plan={plan} {...rest} />
        ))}
      </ul>
    </>
  );
}
