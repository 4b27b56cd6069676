import { useState } from 'preact/hooks';
import { t } from '../../i18n/index.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { DoorFrame } from './door-frame.js';
import { Field } from './field.js';
import { useDoor } from './use-door.js';

/** A box without users: its one-time code makes the owner. */
export function SetupView() {
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [differ, setDiffer] = useState(false);
  const { isBusy, problem, knock } = useDoor();
  const submit = (event: Event): void => {
    event.preventDefault();
    setDiffer(password !== again);
    if (password === again) void knock({ setup: code, name, password });
  };
  return (
    <DoorFrame title={t('door.setup')}>
      <p>{t('door.setup.help')}</p>
      <pre>cat DATA/setup</pre>
      <form onSubmit={submit}>
        <Field
          label={t('door.setup.code')}
          value={code}
          onValue={setCode}
          autoComplete="one-time-code"
          isFirst
          isWrong={problem?.code === 'SMX_ACCESS_SETUP'}
        />
        <Field
          label={t('door.name')}
          value={name}
          onValue={setName}
          autoComplete="username"
          help={t('door.setup.name.help')}
          isWrong={problem?.code.startsWith('SMX_ACCESS_NAME') === true}
        />
        <Field
          label={t('door.password')}
          value={password}
          onValue={setPassword}
          type="password"
          autoComplete="new-password"
          help={t('door.setup.password.help')}
          isWrong={differ || problem?.code === 'SMX_ACCESS_PASSWORD'}
        />
        <Field
          label={t('door.setup.again')}
          value={again}
          onValue={setAgain}
          type="password"
          autoComplete="new-password"
          isWrong={differ}
        />
        {differ ? (
          <p class="note bad" role="alert">
            {t('door.setup.differ')}
          </p>
        ) : (
          <ProblemNote problem={problem} />
        )}
        <button type="submit" class="main" disabled={isBusy}>
          {t(isBusy ? 'door.busy' : 'door.setup.make')}
        </button>
      </form>
    </DoorFrame>
  );
}
