/** Whether `range` (`1.0`, `^1.0`, `~1.0.2`, `>=1.0`, `*`) admits `version`; undefined where it is no range of that grammar. */
export function rangeAdmits(range: string, version: string): boolean | undefined {
  if (range.trim() === '*') return true;
  const match = /^(\^|~|>=|=)?\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(range.trim());
  if (match === null) return undefined;
  const [, operator = '=', ...wantedText] = match as (string | undefined)[];
  const wanted = wantedText.map((part) => (part === undefined ? undefined : Number(part)));
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor, wantedPatch] = wanted;
  const atLeast =
    major !== wantedMajor
      ? major > wantedMajor
      : minor !== (wantedMinor ?? 0)
        ? minor > (wantedMinor ?? 0)
        : patch >= (wantedPatch ?? 0);
  switch (operator) {
    case '^':
      return (
        atLeast && major === wantedMajor && (wantedMajor > 0 || wantedMinor === undefined || minor === wantedMinor)
      );
    case '~':
      return atLeast && major === wantedMajor && (wantedMinor === undefined || minor === wantedMinor);
    case '>=':
      return atLeast;
    default:
      return (
        major === wantedMajor &&
        (wantedMinor === undefined || minor === wantedMinor) &&
        (wantedPatch === undefined || patch === wantedPatch)
      );
  }
}
