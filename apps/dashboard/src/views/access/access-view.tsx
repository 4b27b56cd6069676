import type { Role } from '../../api/answers.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { useAnswer } from '../../api/use-answer.js';
import { t } from '../../i18n/index.js';
import { points } from '../../state/live.js';
import { hrefOf, route } from '../../state/route.js';
import { door, manages } from '../../state/session.js';
import { formGroups } from './forms.js';
import { PointGroups } from './point-groups.js';
import { RoleGrants } from './role-grants.js';

/** Whoever does not manage grants sees the own view only. */
function OwnAccess() {
  const role = door.value.at === 'in' ? door.value.session.role : '';
  return (
    <Card title={t('access.own')}>
      <p class="muted">{t('access.own.help', { role })}</p>
      <PointGroups groups={formGroups(points.value)} withValues />
    </Card>
  );
}

const BUILT_IN = ['owner', 'installer', 'viewer'];

/** Those of the roles file first: they are the other parties. */
const inOrder = (roles: readonly Role[]): Role[] =>
  roles.toSorted((a, b) => BUILT_IN.indexOf(a.role) - BUILT_IN.indexOf(b.role));

function AllRoles() {
  const { answer, problem } = useAnswer<Role[]>('grants');
  const roles = inOrder(answer ?? []);
  const chosen = roles.find(({ role }) => role === route.value.detail) ?? roles[0];
  return (
    <>
      <ProblemNote problem={problem} />
      <nav class="tabs" aria-label={t('access.choose')}>
        {roles.map(({ role, principals }) => (
          <a key={role} href={hrefOf('access', role)} aria-current={role === chosen?.role ? 'true' : undefined}>
            {role} <span class="muted">{principals.length}</span>
          </a>
        ))}
      </nav>
      {chosen !== undefined && <RoleGrants key={chosen.role} role={chosen.role} />}
    </>
  );
}

/** What each party gets of this house, exactly as it gets it. */
export function AccessView() {
  return (
    <>
      <div class="head">
        <h1>{t('access.title')}</h1>
      </div>
      {manages('grants') ? <AllRoles /> : <OwnAccess />}
    </>
  );
}
