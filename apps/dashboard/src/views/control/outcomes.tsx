import type { Command } from '../../api/answers.js';
import { t } from '../../i18n/index.js';
import { StateBadge } from '../../parts/state-badge.js';
import { clockText } from '../../parts/value.js';
import { authorityText, becameText, wishText } from './command-row.js';

/** Whether it has an end beside its outcome; a schedule has nothing but its end. */
const hasEnd = ({ over, outcome, state }: Command): boolean => over && outcome !== undefined && outcome !== state;

/** What became of the newest commands of a set-point. */
export function Outcomes({ commands, unit }: { commands: readonly Command[]; unit: string | null }) {
  if (commands.length === 0) return <p class="muted">{t('control.history.none')}</p>;
  return (
    <div class="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('ledger.when')}</th>
            <th scope="col">{t('control.value')}</th>
            <th scope="col">{t('ledger.who')}</th>
            <th scope="col">{t('control.outcome')}</th>
            <th scope="col">{t('control.end')}</th>
          </tr>
        </thead>
        <tbody>
          {commands.map((command) => (
            <tr key={`${command.principal} ${command.id}`}>
              <td>{clockText(command.received)}</td>
              <td>{wishText(command, unit)}</td>
              <td>
                {command.principal} <span class="muted">{authorityText(command.authority)}</span>
              </td>
              <td>
                <StateBadge state={command.outcome ?? command.state} />{' '}
                <span class="muted">{becameText(command, unit)}</span>
              </td>
              <td>
                {hasEnd(command) && <StateBadge state={command.state} />}{' '}
                <span class="muted">{command.reason ?? command.code}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
