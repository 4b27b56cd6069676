import { loadConfig, type Problem } from '../config/index.js';
import { planInstances } from './instances.js';
import { planLinks } from './link-plan.js';
import { loadRoles } from './roles.js';
import { tlsProblems } from './tls-files.js';

/** Everything wrong with a config, its roles and its extension configs; runs no code of any extension. */
export function checkConfig(file: string, env: NodeJS.ProcessEnv = process.env): Problem[] {
  const { config, document, problems } = loadConfig(file, env);
  if (config === undefined || document === undefined) return [...problems];
  const roles = loadRoles(config, document);
  return [
    ...problems,
    ...tlsProblems(config, document),
    ...roles.problems,
    ...planInstances(config, document).problems,
    ...planLinks(config, document, roles).problems,
  ];
}

/** Roles whose grants together undo what one of them holds back; none where the config cannot be read. */
export function privacyWarnings(file: string, env: NodeJS.ProcessEnv = process.env): readonly Problem[] {
  const { config, document } = loadConfig(file, env);
  return config === undefined || document === undefined ? [] : loadRoles(config, document).warnings;
}
