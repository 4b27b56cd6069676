import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { LanguageChoice } from '../../frame/language-choice.js';
import { t } from '../../i18n/index.js';
import { Icon } from '../../parts/icon.js';

/** What stands before the house. */
export function DoorFrame({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · SMX`;
  }, [title]);
  return (
    <main class="door">
      <header>
        <span class="mark big">
          <Icon name="now" size={28} />
        </span>
        <h1>{title}</h1>
        <p class="muted">{t('door.purpose')}</p>
      </header>
      {children}
      <footer>
        <LanguageChoice />
      </footer>
    </main>
  );
}
