import { render } from 'preact';
import { App } from './app.js';
import { begin } from './i18n/index.js';
import { lookWhoIsIn } from './state/session.js';

void lookWhoIsIn();
void begin().then(() => render(<App />, document.getElementById('app')!));
