import { Icon } from '../parts/icon.js';
import { t } from '../i18n/index.js';
import { points } from '../state/live.js';
import { devices } from '../state/devices.js';
import { outletsOf } from '../state/outlets.js';
import { qualityMetersOf } from '../state/quality-meters.js';
import { hrefOf, route, VIEWS, type ViewName } from '../state/route.js';
import { manages } from '../state/session.js';

/** Areas of which a view needs at least one. */
const NEEDS: Partial<Record<ViewName, readonly string[]>> = {
  system: ['extensions', 'links', 'health'],
  ledger: ['ledger'],
};

function hasPart(view: ViewName): boolean {
  if (view === 'control') return points.value.some(({ write }) => write !== undefined);
  if (view === 'charging') return outletsOf(points.value).length > 0;
  if (view === 'quality') return qualityMetersOf(points.value, devices.value).length > 0;
  return NEEDS[view]?.some(manages) ?? true;
}

/** The views that this role has something in. */
export function Navigation() {
  return (
    <nav aria-label={t('nav.label')}>
      {VIEWS.filter(hasPart).map((view) => (
        <a key={view} href={hrefOf(view)} aria-current={route.value.view === view ? 'page' : undefined}>
          <Icon name={view} />
          <span>{t(`nav.${view}`)}</span>
        </a>
      ))}
    </nav>
  );
}
