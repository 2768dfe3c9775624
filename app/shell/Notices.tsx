import { dismissAllNotices, dismissNotice, type Notice, useWorkspace } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorCard } from '../ui/States.tsx';
import { explainError } from './explain-error.ts';
import s from './Notices.module.css';

/** Cards on screen at once; a folder of fifty pictures must not cover the page. */
const SHOWN = 3;

function retryNotice(notice: Notice): void {
  dismissNotice(notice.id);
  notice.retry?.();
}

/** Failures as cards, the newest in front, until they are dismissed. */
export function Notices() {
  const notices = useWorkspace((state) => state.notices);
  const hidden = Math.max(0, notices.length - SHOWN);
  return (
    <section className={s.notices} aria-label="Notices" role="alert">
      {notices.slice(-SHOWN).map((notice) => (
        <div key={notice.id} className={s.notice}>
          <ErrorCard
            {...explainError(notice.error)}
            where={explainError(notice.error).where ?? notice.file}
            onDismiss={() => dismissNotice(notice.id)}
            onRetry={notice.retry && (() => retryNotice(notice))}
          />
        </div>
      ))}
      {notices.length > 1 && (
        <p className={s.more}>
          {hidden > 0 && <span>and {hidden} more</span>}
          <Button look="link" onClick={dismissAllNotices}>
            Dismiss all
          </Button>
        </p>
      )}
    </section>
  );
}
