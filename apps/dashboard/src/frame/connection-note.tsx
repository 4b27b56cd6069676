import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/index.js';
import { connection } from '../state/live.js';

/** Says when what is shown may no longer hold; the values themselves are dimmed by the style sheet. */
export function ConnectionNote() {
  const { value } = connection;
  const wasOff = useRef(false);
  useEffect(() => {
    document.documentElement.classList.toggle('offline', value === 'off');
    if (value === 'off') wasOff.current = true;
    return () => document.documentElement.classList.remove('offline');
  }, [value]);
  return (
    <div role="status" class="connection">
      {value === 'off' ? (
        <p class="note warn">{t('app.lost')}</p>
      ) : (
        value === 'on' && wasOff.current && <p class="sr">{t('app.back')}</p>
      )}
    </div>
  );
}
