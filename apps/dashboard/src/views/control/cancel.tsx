import { remove } from '../../api/client.js';
import { t } from '../../i18n/index.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { door } from '../../state/session.js';
import { useAct } from './act.js';

/** The box refuses these to the owner too. */
const ABOVE = ['dso', 'emergency'];

interface CancelProps {
  /** Address of what it ends, under `/api/v1/`. */
  readonly path: string;
  /** Whose that is. */
  readonly of: { readonly principal: string; readonly authority: string };
  readonly onDone: () => void;
}

/** Ends a command or a plan, where who is logged in may. */
export function Cancel({ path, of: { principal, authority }, onDone }: CancelProps) {
  const { problem, isBusy, run } = useAct(onDone);
  const { value } = door;
  const isOwn = value.at === 'in' && value.session.principal === principal;
  if (!isOwn && ABOVE.includes(authority)) return null;
  const whose = isOwn ? '' : `?principal=${encodeURIComponent(principal)}`;
  const cancel = (): Promise<unknown> => run(() => remove(`${path}${whose}`));
  return (
    <div class="act">
      <button type="button" disabled={isBusy} onClick={() => void cancel()}>
        {t('control.cancel')}
      </button>
      <ProblemNote problem={problem} />
    </div>
  );
}
