import { describeError, type Problem } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { checkDocumentValues, type ValuePhase } from '../../state/health.ts';
import { Button } from '../../ui/Button.tsx';
import { bytesText, plural } from '../../ui/format.ts';
import { CircleAlert, CircleCheck, TriangleAlert } from '../../ui/icons.ts';
import { ProgressBar } from '../../ui/States.tsx';
import { SEVERITIES, type Severity } from './group-problems.ts';
import s from './health.module.css';

interface VerdictProps {
  readonly document: OpenedDocument;
  readonly problems: readonly Problem[];
  readonly phase: ValuePhase;
}

const SIGNS = { error: CircleAlert, warning: TriangleAlert, note: CircleCheck } as const;

/** The whole in one line, and how much of the file it speaks of. */
export function Verdict({ document, problems, phase }: VerdictProps) {
  const { tensors, entries } = document.summary;
  const worst = SEVERITIES.find((one) => one !== 'note' && problems.some(({ severity }) => severity === one)) ?? 'note';
  const Sign = SIGNS[worst];
  const among = tensors > 0 ? plural(tensors, 'tensor') : plural(entries, 'entry', 'entries');
  return (
    <section className={s.verdict} data-severity={worst} aria-label="Verdict">
      <Sign size={20} strokeWidth={1.75} aria-hidden="true" />
      <p className={s.headline}>
        <b>{headline(problems, worst)}</b> in {among}.
      </p>
      {tensors > 0 && <Values document={document} phase={phase} />}
    </section>
  );
}

function headline(problems: readonly Problem[], worst: Severity): string {
  if (worst === 'note') return 'Nothing wrong found';
  const counts = SEVERITIES.slice(0, 2).flatMap((one) => {
    const count = problems.filter(({ severity }) => severity === one).length;
    return count > 0 ? [plural(count, one)] : [];
  });
  return counts.join(' and ');
}

function Values({ document, phase }: Pick<VerdictProps, 'document' | 'phase'>) {
  const start = () => void checkDocumentValues(document);
  const read = bytesText(document.summary.bytes);
  switch (phase.is) {
    case 'unchecked':
      return (
        <Row words="Names and shapes are checked. Values are not read yet.">
          <Button look="primary" onClick={start}>
            Check values <span className={s.size}>{read}</span>
          </Button>
        </Row>
      );
    case 'checking':
      return (
        <Row
          words={
            <>
              <span className={s.bar}>
                <ProgressBar label="Checking values" done={phase.done} total={phase.total} />
              </span>
              <span className="numbers">
                {phase.total > 0 ? `${percent(phase)} of ${bytesText(phase.total)}` : 'Checking values'}
              </span>
            </>
          }
        >
          <Button onClick={phase.cancel}>Cancel</Button>
        </Row>
      );
    case 'checked':
      return (
        <Row words={`Values are checked too: ${bytesText(phase.bytes)} in ${seconds(phase.seconds)}.`}>
          <Button onClick={start}>Check again</Button>
        </Row>
      );
    case 'cancelled':
      return (
        <Row words={`Stopped after ${percent(phase)} of the values.`}>
          <Button onClick={start}>Check values</Button>
        </Row>
      );
    case 'failed':
      return (
        <Row words={`Values could not be read: ${describeError(phase.error)}.`}>
          <Button onClick={start}>Try again</Button>
        </Row>
      );
  }
}

function Row({ words, children }: { readonly words: React.ReactNode; readonly children: React.ReactNode }) {
  return (
    <div className={s.values}>
      <p role="status">{words}</p>
      {children}
    </div>
  );
}

const percent = ({ done, total }: { readonly done: number; readonly total: number }): string =>
  `${total > 0 ? Math.floor((100 * done) / total) : 0} %`;

const seconds = (count: number): string => `${count < 10 ? count.toFixed(1) : Math.round(count)} s`;
