import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n/index.js';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly type?: 'text' | 'password';
  /** What the browser's own store may fill in. */
  readonly autoComplete: string;
  readonly help?: string;
  readonly isWrong?: boolean;
  readonly isFirst?: boolean;
}

/** A labelled input; a password can be looked at. */
export function Field({
  label,
  value,
  onValue,
  type = 'text',
  autoComplete,
  help,
  isWrong = false,
  isFirst = false,
}: FieldProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // `autofocus` works only while the document loads, and one logs out later
    if (isFirst) input.current?.focus();
  }, []);
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <div class="input">
        <input
          id={id}
          {...(type === 'password' && !isOpen ? { type } : { type: 'text' as const })}
          value={value}
          autoComplete={autoComplete}
          autoCapitalize="none"
          spellcheck={false}
          required
          ref={input}
          aria-invalid={isWrong}
          aria-describedby={help === undefined ? undefined : `${id}-help`}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
        {type === 'password' && (
          <button type="button" class="quiet" aria-pressed={isOpen} onClick={() => setOpen(!isOpen)}>
            {t(isOpen ? 'door.hide' : 'door.show')}
          </button>
        )}
      </div>
      {help !== undefined && (
        <p class="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
