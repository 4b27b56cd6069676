import type { Verdict } from '../../api/answers.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { useAnswer } from '../../api/use-answer.js';
import { t } from '../../i18n/index.js';

/** Whether the hash chain verifies, walked when the view opens and when asked for. */
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
          : answer.ok
            ? t('ledger.whole', { entries: answer.entries })
            : t('ledger.broken', { entry: answer.firstBad ?? answer.entries + 1 })}
      </p>
    </Card>
  );
}
