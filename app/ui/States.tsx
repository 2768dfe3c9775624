import { CircleAlert, Inbox, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from './Button.tsx';
import s from './States.module.css';

/** Nothing to show, and why. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className={s.empty}>
      <Inbox size={22} strokeWidth={1.5} aria-hidden="true" />
      <p className={s.title}>{title}</p>
      {children && <p className={s.words}>{children}</p>}
    </div>
  );
}

/** Grey bars where content will be; announced once it takes long enough to notice. */
export function Loading({ label }: { readonly label: string }) {
  return (
    <div className={s.loading} role="status">
      <span className="unseen">{label}</span>
      <i />
      <i />
      <i />
    </div>
  );
}

interface ErrorCardProps {
  readonly title: string;
  /** Where it happened: a file, a byte. */
  readonly where?: string | undefined;
  readonly what: string;
  readonly advice?: string | undefined;
  readonly details?: string | undefined;
  readonly tone?: 'bad' | 'warn' | 'plain';
  readonly onDismiss?: (() => void) | undefined;
  readonly onRetry?: (() => void) | undefined;
}

/** A failure for people: what, where, what to do. */
export function ErrorCard({ title, where, what, advice, details, tone = 'bad', onDismiss, onRetry }: ErrorCardProps) {
  return (
    <article className={s.error} data-tone={tone}>
      <CircleAlert size={17} aria-hidden="true" className={s.sign} />
      <div className={s.text}>
        <h3>{title}</h3>
        {where && <p className={`mono ${s.where}`}>{where}</p>}
        <p>{what}</p>
        {advice && <p className={s.advice}>{advice}</p>}
        {details && <pre className={s.details}>{details}</pre>}
        {onRetry && (
          <Button onClick={onRetry} className={s.retry}>
            Try again
          </Button>
        )}
      </div>
      {onDismiss && (
        <IconButton label="Dismiss" onClick={onDismiss}>
          <X size={15} aria-hidden="true" />
        </IconButton>
      )}
    </article>
  );
}

/** `total` 0: it runs, nobody knows how long. */
export function ProgressBar({
  label,
  done,
  total,
}: {
  readonly label: string;
  readonly done: number;
  readonly total: number;
}) {
  const known = total > 0;
  const percent = known ? Math.min(100, Math.floor((done / total) * 100)) : undefined;
  return (
    <span
      className={s.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      data-unknown={known ? undefined : true}
    >
      <i style={known ? { width: `${percent}%` } : undefined} />
    </span>
  );
}
