import { useEffect, useState } from 'react';
import { describeError, type ErrorInfo, type LoadPolicyInfo, toErrorInfo } from '../../../src-core/index.ts';
import { useEditLog } from '../../state/edits.ts';
import type { DocumentId } from '../../state/engine.ts';
import {
  type LoadEnds,
  type LoadProposal,
  makeProposed,
  type PlannedLoad,
  policyOf,
  proposeLoad,
  undoProposed,
  useLoad,
} from '../../state/load.ts';
import { useWorkspace } from '../../state/workspace.ts';
import { Button } from '../../ui/Button.tsx';
import { exactCount, plural } from '../../ui/format.ts';
import { CircleAlert, CircleCheck, TriangleAlert, Undo2 } from '../../ui/icons.ts';
import s from './load.module.css';
import { toneOfVerdict, wordVerdict } from './verdict-words.ts';

interface ProposedProps {
  readonly question: string;
  readonly source: DocumentId;
  readonly onClose: () => void;
}

type Answer = { readonly of: string } & ({ readonly proposal: LoadProposal } | { readonly error: ErrorInfo });

/** Whether there is something that edits could put right. */
export const isOpenToEdits = ({ isWhole, counts }: PlannedLoad, { dtype }: LoadPolicyInfo): boolean =>
  !isWhole || counts.shape > 0 || (counts.dtype > 0 && dtype !== 'cast');

/** Edits of what is loaded that would let it load, with what would then happen in view before they are made. */
export function Proposed({ question, source, onClose }: ProposedProps) {
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    let isCurrent = true;
    proposeLoad(question).then(
      (proposal) => isCurrent && setAnswer({ of: question, proposal }),
      (error: unknown) => isCurrent && setAnswer({ of: question, error: toErrorInfo(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [question]);
  const known = answer?.of === question ? answer : undefined;
  if (!known) return <p className={s.soft}>Looking for edits that would let it load…</p>;
  if ('error' in known)
    return (
      <p className={s.wrong} role="alert">
        {describeError(known.error)}
      </p>
    );
  return <Proposal proposal={known.proposal} source={source} onClose={onClose} />;
}

/** Edits that are listed; the rest is counted. */
const SHOWN = 100;
const SIGNS = { bad: CircleAlert, warn: TriangleAlert, good: CircleCheck } as const;

interface ProposalProps {
  readonly proposal: LoadProposal;
  readonly source: DocumentId;
  readonly onClose: () => void;
}

function Proposal({ proposal, source, onClose }: ProposalProps) {
  const { edits, after } = proposal;
  const [isMaking, setMaking] = useState(false);
  const name = useWorkspace(({ documents }) => documents.find(({ id }) => id === source)?.name);
  const policy = policyOf(after.policy);
  const tone = toneOfVerdict(after, policy);
  const Sign = SIGNS[tone];
  const make = async () => {
    setMaking(true);
    await makeProposed(source, proposal);
    onClose();
  };
  return (
    <section className={s.proposal} aria-label="Make it load">
      <h2>Make it load</h2>
      {edits.length === 0 ? (
        <p className={s.soft}>
          There is no edit that takes no guessing. A rule in the options, or a rename by hand, may help: the
          did-you-mean column says what is alike.
        </p>
      ) : (
        <>
          <ol className={s.edits}>
            {edits.slice(0, SHOWN).map((edit, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an edit is its place in the list
              <li key={i}>{edit.title}</li>
            ))}
          </ol>
          {edits.length > SHOWN && <p className={s.soft}>and {exactCount(edits.length - SHOWN)} more</p>}
          <p className={s.then} data-tone={tone}>
            <Sign size={15} aria-hidden="true" />
            <span>Then {wordVerdict(after, policy)}.</span>
          </p>
        </>
      )}
      <div className={s.actions}>
        {edits.length > 0 && (
          <Button look="primary" disabled={isMaking} onClick={() => void make()}>
            Make {plural(edits.length, 'edit')}
          </Button>
        )}
        <Button disabled={isMaking} onClick={onClose}>
          {edits.length > 0 ? 'Cancel' : 'Close'}
        </Button>
        {edits.length > 0 && <span className={s.soft}>of {name}; the file stays as it is until you save</span>}
      </div>
    </section>
  );
}

/** What was made, and the way back, until something else is done. */
export function Made({ ends }: { readonly ends: LoadEnds }) {
  const made = useLoad((state) => state.made);
  const { cursor } = useEditLog(made?.document);
  if (!made || made.count === 0 || made.document !== ends.source || cursor !== made.cursor + made.count) return null;
  return (
    <p className={s.made} role="status">
      {plural(made.count, 'edit')} made.
      <Button onClick={() => void undoProposed()}>
        <Undo2 size={14} aria-hidden="true" />
        Undo {made.count > 1 ? 'them' : 'it'}
      </Button>
    </p>
  );
}
