import type { Verdict } from '../../api/answers.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { useAnswer } from '../../api/use-answer.js';
import { t } from '../../i18n/index.js';

/** Whether what the box keeps for good verifies, walked when the view opens and when asked for. */
export function ChainCard() {
  const { answer, problem, again } = useAnswer<Verdict>('ledger/verify');
  return (
    <Card
      title={t('ledger.chain')}
      aside={
        <button type="button" onClick={again}>
          {t('ledger.verify')}
        </button>
      }
    >
      <p class="muted">{t('ledger.help')}</p>
      <ProblemNote problem={problem} />
      <p role="status" class={`note ${answer === undefined ? '' : answer.ok ? 'good' : 'bad'}`}>
        {answer === undefined
          ? t('ledger.checking')
          : t(answer.ok ? 'ledger.whole' : 'ledger.broken', { entries: answer.entries, rows: answer.rows })}
      </p>
      {answer?.faults.map((fault) => (
        <p key={fault} class="warn-text">
          {fault}
        </p>
      ))}
    </Card>
  );
}
