import { checkConfig, privacyWarnings } from '../../core/check.js';
import { pathText, problemText, warningText, type Problem } from '../../config/problem.js';
import type { CommandRun } from '../command.js';
import { print } from '../out.js';
import { configFile } from '../target.js';

/** `smx check`: prints each problem at its place, exit 2 where there is one; warnings leave the status as it is. */
export const check: CommandRun = async (invocation) => {
  const file = configFile(invocation);
  const problems = checkConfig(file);
  const warnings = privacyWarnings(file);
  const row = (problem: Problem, severity: 'error' | 'warning') => ({
    ...problem,
    path: pathText(problem.path),
    text: severity === 'error' ? problemText(problem) : warningText(problem),
    severity,
  });
  if (invocation.values['json'] === true)
    print(
      JSON.stringify([
        ...problems.map((problem) => row(problem, 'error')),
        ...warnings.map((problem) => row(problem, 'warning')),
      ]),
    );
  else {
    for (const problem of problems) print(problemText(problem));
    for (const problem of warnings) print(warningText(problem));
    if (problems.length === 0) print(`${file}: ok`);
  }
  return problems.length === 0 ? 0 : 2;
};
