import { useState } from 'preact/hooks';
import { t } from '../../i18n/index.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { DoorFrame } from './door-frame.js';
import { Field } from './field.js';
import { useDoor } from './use-door.js';

/** `wasIn`: a session has ended while it was looked at. */
export function LoginView({ wasIn }: { wasIn: boolean }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { isBusy, problem, knock } = useDoor();
  const submit = (event: Event): void => {
    event.preventDefault();
    void knock({ name, password });
  };
  const isWrong = problem?.code === 'SMX_ACCESS_LOGIN';
  return (
    <DoorFrame title={t('door.login')}>
      {wasIn && problem === undefined && <p class="note">{t('door.over')}</p>}
      <form onSubmit={submit}>
        <Field
          label={t('door.name')}
          value={name}
          onValue={setName}
          autoComplete="username"
          isFirst
          isWrong={isWrong}
        />
        <Field
          label={t('door.password')}
          value={password}
          onValue={setPassword}
          type="password"
          autoComplete="current-password"
          isWrong={isWrong}
        />
        <ProblemNote problem={problem} />
        <button type="submit" class="main" disabled={isBusy}>
          {t(isBusy ? 'door.busy' : 'door.login')}
        </button>
      </form>
    </DoorFrame>
  );
}
