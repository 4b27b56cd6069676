import type { Server } from 'node:net';
import { SmxError } from '@smx-edge/model';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Resolves to where the server listens; port 0 = any free one. Rejects SMX_SIMULATOR_ADDRESS. */
export async function listen(server: Server, { host, port }: Address): Promise<Address> {
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: Error): void => {
      const message = `The simulator cannot listen at ${host}:${port} (${cause.message}); choose another port`;
      reject(new SmxError('SMX_SIMULATOR_ADDRESS', message, { cause }));
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  const address = server.address();
  return { host, port: typeof address === 'object' && address !== null ? address.port : port };
}
