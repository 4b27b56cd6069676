import { defineExtension } from '@smx-edge/extension-api';
import { test } from './probe.js';
import type { ProxyConfig } from './settings.js';
import { start } from './start.js';

/** Relays charge points to their back end. */
export default defineExtension<ProxyConfig>({ start, test });
