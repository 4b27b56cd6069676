import { clockText } from '../../parts/value.js';
import { maybe, t } from '../../i18n/index.js';

interface ReasonProps {
  readonly state: string;
  readonly reason: string | undefined;
  readonly code: string | undefined;
  readonly retryAt: number | undefined;
}

/** Why something is as it is, and what to do; nothing where all is well. */
export function Reason({ state, reason, code, retryAt }: ReasonProps) {
  const todo = maybe(`system.todo.${state}`);
  if (reason === undefined && todo === undefined) return null;
  return (
    <div class="reason">
      {reason !== undefined && (
        <p>
          {reason} {code !== undefined && <code>{code}</code>}
        </p>
      )}
      {todo !== undefined && (
        <p>
          <strong>{t('system.todo')}:</strong> {todo}
          {retryAt !== undefined && ` (${t('system.retry', { time: clockText(retryAt) })})`}
        </p>
      )}
    </div>
  );
}
