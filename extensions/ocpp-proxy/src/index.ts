import { defineExtension } from '@smx-edge/extension-api';
import type { ProxyConfig } from './settings.js';
import { start } from './start.js';

/** Relays charge points to their back end. */
export default defineExtension<ProxyConfig>({ start });
