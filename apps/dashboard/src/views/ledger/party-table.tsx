import { clockText } from '../../parts/value.js';
import { t } from '../../i18n/index.js';
import { formText } from '../access/forms.js';
import type { DisclosedGroup, Party } from './disclosed.js';

function Group({ group, isHistory = false }: { group: DisclosedGroup; isHistory?: boolean }) {
  const { every, points, as, ...rest } = group;
  const form = formText(every === 'raw' ? rest : { ...rest, every, ...(as === undefined ? {} : { as }) });
  return (
    <details>
      <summary>
        {isHistory ? t('ledger.looked', { what: form }) : form}{' '}
        <span class="muted">{t('access.points', { count: points.length })}</span>
      </summary>
      <ul class="paths">
        {points.map((path) => (
          <li key={path}>
            <code>{path}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Looked up in the same form, together. */
function lookedUp(groups: readonly DisclosedGroup[]): DisclosedGroup[] {
  const byForm = new Map<string, DisclosedGroup>();
  for (const { every, as, points } of groups) {
    const key = `${every} ${as ?? ''}`;
    const known = byForm.get(key)?.points ?? [];
    byForm.set(key, { every, ...(as === undefined ? {} : { as }), points: [...new Set([...known, ...points])].sort() });
  }
  return [...byForm.values()];
}

/** Who received what. */
export function PartyTable({
  parties,
  count,
  oldest,
}: {
  parties: readonly Party[];
  count: number;
  oldest: number | undefined;
}) {
  if (parties.length === 0) return <p class="muted">{t('ledger.parties.none', { count })}</p>;
  return (
    <>
      {oldest !== undefined && <p class="muted">{t('ledger.parties.window', { count, time: clockText(oldest) })}</p>}
      <div class="scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('ledger.party')}</th>
              <th scope="col">{t('ledger.role')}</th>
              <th scope="col">{t('ledger.last')}</th>
              <th scope="col">{t('ledger.quarters')}</th>
              <th scope="col">{t('ledger.what')}</th>
            </tr>
          </thead>
          <tbody>
            {parties.map(({ name, role, last, quarters, reads, history }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{role}</td>
                <td>{clockText(last)}</td>
                <td>{quarters}</td>
                <td>
                  {reads === undefined && history.length === 0 && t('ledger.before')}
                  {reads?.map((group, i) => (
                    <Group key={i} group={group} />
                  ))}
                  {lookedUp(history).map((group, i) => (
                    <Group key={`h${i}`} group={group} isHistory />
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
