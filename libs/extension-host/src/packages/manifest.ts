import { Type, type Static } from '@sinclair/typebox';
import { filterFault, type ErrorDetail } from '@smx-edge/model';
import { schemaDetails, validator } from './schema.js';

const Filters = Type.Array(Type.String({ minLength: 1 }));

/** What a package may ask for (contracts §6). */
const PermissionsSchema = Type.Object(
  {
    publish: Type.Optional(Filters),
    read: Type.Optional(Filters),
    command: Type.Optional(Filters),
    serial: Type.Optional(Type.Boolean()),
    network: Type.Optional(Type.Boolean()),
    listen: Type.Optional(Type.Boolean()),
    files: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  },
  { additionalProperties: false },
);

/** The `smx` section of a package.json. */
const ManifestSchema = Type.Object(
  {
    api: Type.String({ minLength: 1 }),
    title: Type.String({ minLength: 1 }),
    permissions: Type.Optional(PermissionsSchema),
    config: Type.Optional(Type.String({ minLength: 1 })),
    page: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
);

export type Permissions = Static<typeof PermissionsSchema>;
export type Manifest = Static<typeof ManifestSchema>;

/** What an instance gets: every member said. */
export interface GrantedPermissions {
  /** Filters below the instance's own devices. */
  readonly publish: readonly string[];
  readonly read: readonly string[];
  readonly command: readonly string[];
  readonly serial: boolean;
  readonly network: boolean;
  readonly listen: boolean;
  readonly files: readonly string[];
}

const validManifest = validator(ManifestSchema);
const validPermissions = validator(PermissionsSchema);

/** What is wrong with a manifest; paths are below `smx`. */
export function manifestFaults(raw: unknown): ErrorDetail[] {
  const details = schemaDetails(validManifest, raw);
  if (details.length > 0) return details;
  return permissionFilterFaults((raw as Manifest).permissions ?? {}, 'permissions');
}

/** What is wrong with an `allow:` section. */
export function allowFaults(raw: unknown): ErrorDetail[] {
  const details = schemaDetails(validPermissions, raw);
  return details.length > 0 ? details : permissionFilterFaults(raw as Permissions, '');
}

function permissionFilterFaults(permissions: Permissions, at: string): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  for (const key of ['publish', 'read', 'command'] as const)
    for (const [i, filter] of (permissions[key] ?? []).entries()) {
      const fault = filterFault(filter);
      if (fault !== undefined)
        details.push({ path: [at, key, i].filter((part) => part !== '').join('.'), expected: fault });
    }
  return details;
}

const both = (asked: readonly string[] = [], allowed: readonly string[] = []): readonly string[] =>
  asked.filter((item) => allowed.includes(item));

/** What the manifest asks, for an installed package cut to what the operator repeats under `allow:`. */
export function grantPermissions(asked: Permissions, allow: Permissions | undefined): GrantedPermissions {
  const allowed = allow ?? asked;
  return {
    publish: both(asked.publish, allowed.publish),
    read: both(asked.read, allowed.read),
    command: both(asked.command, allowed.command),
    serial: asked.serial === true && allowed.serial === true,
    network: asked.network === true && allowed.network === true,
    listen: asked.listen === true && allowed.listen === true,
    files: both(asked.files, allowed.files),
  };
}

/** The permissions a package asks, each in words: `network`, `publish power/#`. */
export function asksFor(asked: Permissions = {}): string[] {
  return Object.entries(asked).flatMap(([key, value]) =>
    Array.isArray(value) ? value.map((item) => `${key} ${item}`) : value ? [key] : [],
  );
}

/** What an operator should know of an `allow:` that is not what the package asks. */
export function allowNotices(asked: Permissions | undefined, allow: Permissions | undefined): string[] {
  const [wants, given] = [asksFor(asked), asksFor(allow)];
  const denied = wants.filter((item) => !given.includes(item));
  const idle = given.filter((item) => !wants.includes(item));
  return [
    ...(denied.length > 0 ? [`asks for what allow: does not give: ${denied.join(', ')}`] : []),
    ...(idle.length > 0 ? [`allow: gives what it does not ask for: ${idle.join(', ')}`] : []),
  ];
}
