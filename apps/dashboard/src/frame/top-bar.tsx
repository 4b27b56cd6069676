import type { Session } from '../api/answers.js';
import { t } from '../i18n/index.js';
import { Icon } from '../parts/icon.js';
import { logOut } from '../state/session.js';
import { LanguageChoice } from './language-choice.js';

export function TopBar({ session: { site, principal, role } }: { session: Session }) {
  return (
    <header class="top">
      <p class="site">
        <span class="mark">
          <Icon name="now" size={18} />
        </span>
        {site}
      </p>
      <p class="who">{t('app.loggedInAs', { name: principal, role })}</p>
      <LanguageChoice />
      <button type="button" class="quiet" onClick={() => void logOut()}>
        <Icon name="out" size={18} />
        <span>{t('app.logout')}</span>
      </button>
    </header>
  );
}
