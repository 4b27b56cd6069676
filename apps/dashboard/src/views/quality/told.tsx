import type { ComponentChildren } from 'preact';
import type { useCall } from '../../api/use-call.js';
import { t } from '../../i18n/index.js';
import { ProblemNote } from '../../parts/problem-note.js';

interface ToldProps {
  readonly instance: string | undefined;
  readonly name: string;
  readonly asked: Pick<ReturnType<typeof useCall>, 'problem' | 'isRefused'>;
  readonly children: ComponentChildren;
}

/** What a call told, dimmed where a newer one brought nothing; else why there is nothing. */
export function Told({ instance, name, asked: { problem, isRefused }, children }: ToldProps) {
  if (isRefused) return <p class="muted">{t('quality.refused', { call: `${instance ?? ''}/${name}` })}</p>;
  return (
    <>
      <ProblemNote problem={problem} />
      <div class={problem === undefined ? undefined : 'dim'}>{children}</div>
    </>
  );
}
