import { defineExtension } from '@smx-edge/extension-api';
import { inject, status } from './calls.js';
import { test } from './probe.js';
import type { ProxyConfig } from './settings.js';
import { start } from './start.js';
import { certificates } from './tls/certificates-call.js';

/** Relays charge points to their back end. */
export default defineExtension<ProxyConfig>({ start, test, calls: { certificates, inject, status } });
