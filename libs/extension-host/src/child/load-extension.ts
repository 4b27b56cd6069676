import Module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import * as api from '@smx-edge/extension-api';
import type { ExtensionDefinition } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';

type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;

/** Gives `@smx-edge/extension-api` from this process, so that a package needs no copy of its own. */
function offerApi(): void {
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = function (this: unknown, request, ...rest) {
    return request === '@smx-edge/extension-api' ? api : load.call(this, request, ...rest);
  };
}

async function loadModule(main: string): Promise<unknown> {
  try {
    return createRequire(main)(main) as unknown;
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^ERR_REQUIRE_(ESM|ASYNC_MODULE)$/.test(String(error.code)))
      return import(pathToFileURL(main).href);
    throw error;
  }
}

const isDefinition = (value: unknown): value is ExtensionDefinition<never> =>
  typeof value === 'object' && value !== null && 'start' in value && typeof value.start === 'function';

/** Loads the extension's default export. Throws SMX_EXTENSION_MANIFEST where it is not one of `defineExtension`. */
export async function loadExtension(main: string): Promise<ExtensionDefinition<never>> {
  offerApi();
  let found = await loadModule(main);
  for (let depth = 0; depth < 3; depth++) {
    if (isDefinition(found)) return found;
    if (typeof found !== 'object' || found === null || !('default' in found)) break;
    found = found.default;
  }
  throw new SmxError('SMX_EXTENSION_MANIFEST', 'The package has no default export made by defineExtension');
}
