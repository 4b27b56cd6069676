import type { Problem } from '../api/problem.js';
import { maybe } from '../i18n/index.js';

function problemText({ code, message, retryAfter = 1 }: Problem): string {
  return maybe(`error.${code}`, { seconds: retryAfter }) ?? (message === '' ? code : `${message} (${code})`);
}

/** What the box refused, told at once to those who listen. */
export function ProblemNote({ problem }: { problem: Problem | undefined }) {
  return problem === undefined ? null : (
    <p class="note bad" role="alert">
      {problemText(problem)}
    </p>
  );
}
