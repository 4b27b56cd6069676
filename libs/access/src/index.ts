export { abilityFor, can, explain, pathSubject, type RoleAbility } from './ability.js';
export { BUILT_IN_ROLES, roleFromPermissions, type InstancePermissions } from './built-in-roles.js';
export { Gate, type GateOptions, type Preview, type RoleHolders } from './gate.js';
export { coversForm, laneGives } from './lane-access.js';
export { LoginGuard, type LoginBook, type LoginGuardOptions } from './login-guard.js';
export { CONDITION_ACTIONS } from './parse-conditions.js';
export { parseRoles } from './parse-roles.js';
export {
  Principals,
  type NewToken,
  type NewUser,
  type PrincipalChange,
  type PrincipalsOptions,
  type PrincipalStore,
} from './principals.js';
export { privacyFindings, type PrivacyFinding } from './privacy.js';
export * from './role.js';
export { GrantSchema, RolesSchema, type RolesDocument } from './roles-schema.js';
export { isToken, newToken, tokenHash } from './token.js';
export * from './view.js';
