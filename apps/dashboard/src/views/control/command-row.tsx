import type { Command, Point } from '../../api/answers.js';
import { quantityText } from '../../format/quantity.js';
import { language, maybe, t } from '../../i18n/index.js';
import { StateBadge } from '../../parts/state-badge.js';
import { clockText } from '../../parts/value.js';
import { Cancel } from './cancel.js';
import { isLimit } from './open-commands.js';

/** A value of a set-point in words. */
export const textOf = (value: Command['value'], unit: string | null): string =>
  typeof value === 'number' ? quantityText(value, unit, language.value) : value === null ? '–' : String(value);

/** What a command asks, and beside it what became of that. */
export function wishText(command: Command, unit: string | null): string {
  const { asked, min, max, values } = command;
  if (values !== undefined) return t('control.schedule.values', { count: values });
  if (!isLimit(command)) return textOf(asked, unit);
  return t('control.limit', { min: textOf(min ?? null, unit), max: textOf(max ?? null, unit) });
}

export function becameText({ value, asked, measured }: Command, unit: string | null): string {
  const given = value !== null && value !== asked ? [t('control.given', { value: textOf(value, unit) })] : [];
  const read = measured === undefined ? [] : [t('control.measured', { value: textOf(measured, unit) })];
  return [...given, ...read].join(', ');
}

export const authorityText = (authority: string): string => maybe(`authority.${authority}`) ?? authority;

/** A command that holds or waits: what, who, why, until when; and its end. */
export function CommandRow({ command, unit, onDone }: { command: Command; unit: Point['unit']; onDone: () => void }) {
  const { principal, authority, until, why, reason, state, slot } = command;
  return (
    <li class="item">
      <div class="item-head">
        <strong>{wishText(command, unit)}</strong>
        <StateBadge state={state} />
        <span>{t('control.by', { who: principal, authority: authorityText(authority) })}</span>
        <span class="muted">{t('control.until', { time: clockText(until) })}</span>
        {slot !== undefined && <span class="chip">{t('control.schedule')}</span>}
      </div>
      <p class="muted">
        {[becameText(command, unit), why, reason].filter((text) => text !== undefined && text !== '').join('; ')}
      </p>
      <Cancel path={`commands/${encodeURIComponent(command.id)}`} of={command} onDone={onDone} />
    </li>
  );
}
