import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { learn, t, type PartName } from '../i18n/index.js';

/** A part of the page that is loaded when it is first shown, with its words where it has some of its own. */
export function later(load: () => Promise<ComponentType>, words?: PartName): ComponentType {
  let found: ComponentType | undefined;
  return function Later() {
    const [state, set] = useState<'loading' | 'there' | 'missing'>(found === undefined ? 'loading' : 'there');
    useEffect(() => {
      if (found !== undefined) return;
      Promise.all([load(), words !== undefined && learn(words)]).then(
        ([part]) => {
          found = part;
          set('there');
        },
        // the box is away, or has another version of the page by now
        () => set('missing'),
      );
    }, []);
    if (found !== undefined) {
      const Part = found;
      return <Part />;
    }
    if (state === 'loading') return <p class="loading">{t('app.loading')}</p>;
    return (
      <p class="note bad" role="alert">
        {t('app.part.missing')}{' '}
        <button type="button" onClick={() => location.reload()}>
          {t('app.retry')}
        </button>
      </p>
    );
  };
}
