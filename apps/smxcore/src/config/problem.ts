import { relative } from 'node:path';
import type { ErrorCode } from '@smx-edge/model';

export type ConfigPath = readonly (string | number)[];

/** One thing wrong in a config file, at its place. `line` and `col` count from 1; 0 where the file has no such place. */
export interface Problem {
  readonly code: ErrorCode;
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly path: ConfigPath;
  readonly wrong: string;
  readonly expected: string;
}

/** `extensions.p1.limits[0]` */
export function pathText(path: ConfigPath): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

/** A file as seen from the working folder, in full where it lies outside. */
export function shownFile(file: string): string {
  const way = relative(process.cwd(), file);
  return way.startsWith('..') ? file : way;
}

/**
 * `file:line:col path: what is wrong, what was expected`; the file as seen from the working folder. What concerns a file
 * as a whole stands at its beginning, its path is `.`.
 */
export function problemText(problem: Problem): string {
  return `${placeText(problem)}: ${problem.wrong}, expected ${problem.expected}`;
}

/** The same for what is to be known and no fault. */
export function warningText(problem: Problem): string {
  return `${placeText(problem)}: warning: ${problem.wrong}, expected ${problem.expected}`;
}

function placeText({ file, line, col, path }: Problem): string {
  return `${shownFile(file)}:${line || 1}:${col || 1} ${path.length > 0 ? pathText(path) : '.'}`;
}

/** A key that nobody knows: what stands under it may be meant for another. */
export function isStrayKey({ code }: Problem): boolean {
  return code === 'SMX_CONFIG_UNKNOWN_KEY';
}

/** The section a problem belongs to: an instance, a link, or the box as a whole. */
export function problemSection(problem: Problem): { kind: 'instance' | 'link'; name: string } | undefined {
  const [section, name] = problem.path;
  if (typeof name !== 'string') return undefined;
  if (section === 'extensions') return { kind: 'instance', name };
  return section === 'links' ? { kind: 'link', name } : undefined;
}

/** The words a problem that has no place in the schema is made of. */
export type Fault = Pick<Problem, 'code' | 'path' | 'wrong' | 'expected'>;
