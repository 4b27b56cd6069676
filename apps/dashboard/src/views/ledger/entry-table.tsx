import { useState } from 'preact/hooks';
import type { LedgerEntry } from '@smx-edge/model';
import { clockText } from '../../parts/value.js';
import { maybe, t } from '../../i18n/index.js';

const FIRST = 50;
const LONGEST = 160;

/** A kind that a newer box writes has no word here yet. */
export const kindText = (kind: string): string => maybe(`ledger.kind.${kind}`) ?? kind;

/** The entry's own members, shortened: the whole of it is in the export. */
function summary(data: LedgerEntry['data']): string {
  const text = Object.entries(data)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}

/** Entries, newest first. */
export function EntryTable({ entries }: { entries: readonly LedgerEntry[] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? entries : entries.slice(0, FIRST);
  return (
    <>
      <div class="scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('ledger.number')}</th>
              <th scope="col">{t('ledger.when')}</th>
              <th scope="col">{t('ledger.kind')}</th>
              <th scope="col">{t('ledger.who')}</th>
              <th scope="col">{t('ledger.what')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ seq, t: at, kind, principal, data }) => (
              <tr key={seq}>
                <td class="muted">{seq}</td>
                <td>{clockText(at)}</td>
                <td>{kindText(kind)}</td>
                <td>{principal}</td>
                <td class="data">{summary(data)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!isWhole && entries.length > FIRST && (
        <button type="button" onClick={() => setWhole(true)}>
          {t('app.more', { count: entries.length })}
        </button>
      )}
    </>
  );
}
