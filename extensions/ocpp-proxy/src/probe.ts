import { connect as connectTcp, createServer, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TestResult } from '@smx-edge/extension-api';
import { backEndFault } from './relay/back-end-fault.js';
import { relaySettingsOf, type ProxyConfig } from './settings.js';
import { codeOf, portFault } from './status/port-fault.js';

const WITHIN = 5_000;

/** Whether each back end can be reached and proves who it is, and charge points could dial in. No charge point is played. */
export async function test(config: ProxyConfig): Promise<TestResult> {
  const settings = relaySettingsOf(config);
  const identities = Object.keys(config.stations ?? {});
  const backEnds = new Set([config.backend, ...identities.map((id) => settings.stationOf(id)!.backend)].map(hostOf));
  const found = await Promise.all([...backEnds].map(reach));
  const port = await tryPort(settings.listen);
  return { ok: found.every(({ ok }) => ok) && port.ok, text: [...found, port].map(({ text }) => text).join('; ') };
}

const hostOf = (address: string): string => {
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}`;
};

function reach(address: string): Promise<TestResult> {
  const { protocol, hostname, port } = new URL(address);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isSecure = protocol === 'wss:';
  const to = { host, port: port === '' ? (isSecure ? 443 : 80) : Number(port) };
  return new Promise((resolve) => {
    const socket = isSecure ? connectTls({ ...to, ...(isIP(host) === 0 && { servername: host }) }) : connectTcp(to);
    const end = (ok: boolean, text: string): void => {
      socket.destroy();
      resolve({ ok, text: `${address} ${text}` });
    };
    socket.setTimeout(WITHIN, () => end(false, 'does not answer'));
    socket.once('error', (error) => end(false, `cannot be reached: ${backEndFault(codeOf(error)) ?? codeOf(error)}`));
    socket.once(isSecure ? 'secureConnect' : 'connect', () => end(true, 'can be reached'));
  });
}

function tryPort(listen: ReturnType<typeof relaySettingsOf>['listen']): Promise<TestResult> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      const isTaken = codeOf(error) === 'EADDRINUSE';
      // by the instance itself, where it runs
      resolve({ ok: isTaken, text: isTaken ? `port ${listen.port} is in use` : portFault(error, listen) });
    });
    server.listen(listen.port, listen.host, () => server.close(() => resolve({ ok: true, text: `port ${listen.port} is free` }))); // prettier-ignore
  });
}
