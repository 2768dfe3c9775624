import { describeError } from '../../src-core/index.ts';
import type { Computation } from '../state/computations.ts';
import { Button } from '../ui/Button.tsx';
import { bytesText } from '../ui/format.ts';
import { ErrorCard, ProgressBar } from '../ui/States.tsx';
import s from './ComputeBar.module.css';

interface ComputeBarProps {
  /** What is computed: "Statistics of h.0.weight". */
  readonly label: string;
  /** Button: "Compute", "Scan all values". */
  readonly verb: string;
  /** Bytes that would be read. */
  readonly bytes: number;
  readonly computation: Computation<unknown> | undefined;
  /** What was computed, once it is done. */
  readonly result: string;
  readonly onStart: () => void;
  readonly onCancel: () => void;
}

/** How far a computation is, with what a person can do about it. Always one line high, so that nothing moves. */
export function ComputeBar({ label, verb, bytes, computation, result, onStart, onCancel }: ComputeBarProps) {
  if (computation?.status === 'failed' && computation.error) {
    return (
      <div role="alert">
        <ErrorCard title={`${label}: not computed`} what={describeError(computation.error)} onRetry={onStart} />
      </div>
    );
  }
  return (
    <div className={s.bar}>
      <BarContent {...{ label, verb, bytes, computation, result, onStart, onCancel }} />
    </div>
  );
}

function BarContent({ label, verb, bytes, computation, result, onStart, onCancel }: ComputeBarProps) {
  if (!computation) {
    return (
      <Button look="primary" onClick={onStart}>
        {verb} ({bytesText(bytes)} to read)
      </Button>
    );
  }
  const { status, done, total, seconds } = computation;
  if (status === 'running') {
    return (
      <>
        <ProgressBar label={label} done={done} total={total} />
        <span className={`numbers ${s.words}`}>
          {bytesText(done)} of {bytesText(total || bytes)}
          {seconds > 0.2 && ` · ${bytesText(Math.round(done / seconds))}/s`}
        </span>
        <Button onClick={onCancel}>Cancel</Button>
      </>
    );
  }
  if (status === 'cancelled') {
    return (
      <>
        <span role="status" className={s.words}>
          Cancelled after {bytesText(done)}. What was read is kept.
        </span>
        <Button onClick={onStart}>{verb} again</Button>
      </>
    );
  }
  return (
    <span role="status" className={`numbers ${s.words}`}>
      {result}
      {seconds > 0 && ` in ${secondsText(seconds)}`}
    </span>
  );
}

const secondsText = (seconds: number): string =>
  seconds < 0.0995 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${seconds.toFixed(seconds < 9.95 ? 2 : 1)} s`;
