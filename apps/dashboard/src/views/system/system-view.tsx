import { t } from '../../i18n/index.js';
import { manages } from '../../state/session.js';
import { BoxCard } from './box-card.js';
import { ExtensionsCard } from './extensions-card.js';
import { LinksCard } from './links-card.js';

/** What runs, what does not, why, and what to do about it. */
export function SystemView() {
  return (
    <>
      <div class="head">
        <h1>{t('system.title')}</h1>
      </div>
      {manages('extensions') && <ExtensionsCard />}
      {manages('links') && <LinksCard />}
      {manages('health') && <BoxCard />}
    </>
  );
}
