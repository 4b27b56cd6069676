import { useState } from 'preact/hooks';
import type { LedgerEntry } from '@smx-edge/model';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { useAnswer } from '../../api/use-answer.js';
import { t } from '../../i18n/index.js';
import { ChainCard } from './chain-card.js';
import { disclosuresOf } from './disclosed.js';
import { EntryTable, kindText } from './entry-table.js';
import { PartyTable } from './party-table.js';

const NEWEST = 1000;
const RENEW = 15_000;

/** Who received what, and whether the record of it is whole. */
export function LedgerView() {
  const [kind, setKind] = useState('');
  const { answer = [], problem } = useAnswer<LedgerEntry[]>(`ledger?last=${NEWEST}`, RENEW);
  const kinds = [...new Set(answer.map((entry) => entry.kind))].sort();
  const newest = [...answer].reverse();
  return (
    <>
      <div class="head">
        <h1>{t('ledger.title')}</h1>
      </div>
      <ProblemNote problem={problem} />
      <ChainCard />
      <Card title={t('ledger.parties')}>
        <PartyTable parties={disclosuresOf(answer)} count={answer.length} oldest={answer[0]?.t} />
      </Card>
      <Card
        title={t('ledger.entries')}
        aside={
          <label>
            <span class="sr">{t('ledger.kind')}</span>
            <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
              <option value="">{t('ledger.all')}</option>
              {kinds.map((one) => (
                <option key={one} value={one}>
                  {kindText(one)}
                </option>
              ))}
            </select>
          </label>
        }
      >
        <EntryTable key={kind} entries={kind === '' ? newest : newest.filter((entry) => entry.kind === kind)} />
      </Card>
    </>
  );
}
