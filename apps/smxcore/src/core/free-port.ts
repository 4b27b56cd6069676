import { createServer, type AddressInfo } from 'node:net';

function tryListen(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(port, host, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}

/** Whether a server could listen there now; rejects where the address is none of this box. */
export async function portIsFree({ host, port }: { host: string; port: number }): Promise<boolean> {
  return (await tryListen(host, port)) !== undefined;
}

/** The wanted port where it is free, else one that is. */
export async function freePort({ host, port }: { host: string; port: number }): Promise<number> {
  return (await tryListen(host, port)) ?? (await tryListen(host, 0)) ?? 0;
}
