import { useEffect } from 'preact/hooks';
import { t } from './i18n/index.js';
import { Frame } from './frame/frame.js';
import { door, lookWhoIsIn } from './state/session.js';
import { LoginView } from './views/door/login-view.js';
import { SetupView } from './views/door/setup-view.js';

const AGAIN = 5000;

function Unreachable() {
  useEffect(() => {
    const timer = setInterval(() => void lookWhoIsIn(), AGAIN);
    return () => clearInterval(timer);
  }, []);
  return (
    <main class="door">
      <h1>{t('app.unreachable')}</h1>
      <p>{t('app.unreachable.help')}</p>
      <button type="button" onClick={() => void lookWhoIsIn()}>
        {t('app.retry')}
      </button>
    </main>
  );
}

/** The page: the door, and behind it the house. */
export function App() {
  const { value } = door;
  switch (value.at) {
    case 'loading':
      return <p class="loading">{t('app.loading')}</p>;
    case 'unreachable':
      return <Unreachable />;
    case 'setup':
      return <SetupView />;
    case 'login':
      return <LoginView wasIn={value.wasIn === true} />;
    case 'in':
      return <Frame session={value.session} />;
  }
}
