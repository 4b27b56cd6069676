import { checkConfig } from '../../core/check.js';
import { problemText, pathText } from '../../config/problem.js';
import type { CommandRun } from '../command.js';
import { print } from '../out.js';
import { configFile } from '../target.js';

/** `smx check`: prints each problem at its place; exit 2 where there is one. */
export const check: CommandRun = async (invocation) => {
  const file = configFile(invocation);
  const problems = checkConfig(file);
  if (invocation.values['json'] === true)
    print(
      JSON.stringify(
        problems.map((problem) => ({ ...problem, path: pathText(problem.path), text: problemText(problem) })),
      ),
    );
  else if (problems.length === 0) print(`${file}: ok`);
  else for (const problem of problems) print(problemText(problem));
  return problems.length === 0 ? 0 : 2;
};
