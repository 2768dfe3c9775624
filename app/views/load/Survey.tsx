import { describeError, type PolicyId } from '../../../src-core/index.ts';
import { changeLoad, type LoadVerdict, policyOf, useLoadSurvey } from '../../state/load.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { exactCount } from '../../ui/format.ts';
import { ErrorCard } from '../../ui/States.tsx';
import s from './load.module.css';
import { ABOUT, SYSTEMS } from './policy-words.ts';
import { listParts, toneOfVerdict } from './verdict-words.ts';

/** Every policy in a line: what it does in general, and what it would do here. */
export function Survey({ question }: { readonly question: string }) {
  const { verdicts, error } = useLoadSurvey(question);
  if (error) return <ErrorCard title="It cannot be told" tone="warn" what={describeError(error)} />;
  return (
    <section className={s.survey} aria-label="All policies">
      <table>
        <thead>
          <tr>
            <th scope="col">Policy</th>
            <th scope="col">Here</th>
          </tr>
        </thead>
        {SYSTEMS.map(([system, policies]) => (
          <tbody key={system}>
            <tr className={s.system}>
              <th scope="rowgroup" colSpan={2}>
                {system}
              </th>
            </tr>
            {policies.map((id) => (
              <PolicyRow key={id} id={id} verdict={verdicts.get(id)} />
            ))}
          </tbody>
        ))}
      </table>
    </section>
  );
}

function PolicyRow({ id, verdict }: { readonly id: PolicyId; readonly verdict: LoadVerdict | undefined }) {
  const policy = policyOf(id);
  return (
    <tr>
      <th scope="row">
        <Button look="link" onClick={() => changeLoad({ policy: id, isSurvey: false })}>
          {policy.label}
        </Button>
        <p>{ABOUT[id]}</p>
      </th>
      <td>
        {verdict && (
          <>
            <Badge tone={toneOfVerdict(verdict, policy)}>{wordShort(verdict)}</Badge>
            <p>{[`${exactCount(verdict.assigned)} loaded`, ...listParts(verdict, policy)].join(', ')}</p>
          </>
        )}
      </td>
    </tr>
  );
}

function wordShort({ raises, isWhole, counts }: LoadVerdict): string {
  if (raises !== null) return `raises ${raises}`;
  return isWhole ? 'loads' : `leaves ${exactCount(counts.missing + counts.unexpected)}`;
}
