import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Session } from '../api/answers.js';
import { t } from '../i18n/index.js';
import { follow } from '../state/live.js';
import { route, type ViewName } from '../state/route.js';
import { ChartsView } from '../views/charts/charts-view.js';
import { DevicesView } from '../views/devices/devices-view.js';
import { NowView } from '../views/now/now-view.js';
import { SystemView } from '../views/system/system-view.js';
import { later } from '../parts/later.js';
import { ConnectionNote } from './connection-note.js';
import { Navigation } from './navigation.js';
import { TopBar } from './top-bar.js';

/** In files of their own: most who look at the page command nothing and read no grants and no ledger, and few have a charge point or an S1 port. */
const ControlView = later(async () => (await import('../views/control/control-view.js')).ControlView);
const ChargingView = later(async () => (await import('../views/charging/charging-view.js')).ChargingView, 'charging');
const AccessView = later(async () => (await import('../views/access/access-view.js')).AccessView);
const LedgerView = later(async () => (await import('../views/ledger/ledger-view.js')).LedgerView);
const QualityView = later(async () => (await import('../views/quality/quality-view.js')).QualityView, 'quality');

const VIEW_OF: Readonly<Record<ViewName, ComponentType>> = {
  now: NowView,
  charts: ChartsView,
  devices: DevicesView,
  control: ControlView,
  charging: ChargingView,
  quality: QualityView,
  system: SystemView,
  access: AccessView,
  ledger: LedgerView,
};

/** What stays around the views. */
export function Frame({ session }: { session: Session }) {
  useEffect(follow, [session.principal]);
  const { view } = route.value;
  const View = VIEW_OF[view];
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = `${t(`nav.${view}`)} · ${session.site}`;
    window.scrollTo(0, 0);
    // who came by keyboard goes on reading in the new view
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [view]);
  return (
    <div class="frame">
      <a class="skip" href={`#/${view}`} onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {t('app.skip')}
      </a>
      <TopBar session={session} />
      <Navigation />
      <ConnectionNote />
      <main ref={main} tabIndex={-1} aria-label={t(`nav.${view}`)}>
        <View />
      </main>
    </div>
  );
}
