import { ShieldCheck, TriangleAlert, X } from 'lucide-react';
import { useEditLog } from '../state/edits.ts';
import type { DocumentId } from '../state/engine.ts';
import { useProblemCount } from '../state/health.ts';
import { useBytesRead } from '../state/reads.ts';
import { type Task, useTasks } from '../state/tasks.ts';
import { goTo, useWorkspace } from '../state/workspace.ts';
import { bytesText, exactCount, percentText } from '../ui/format.ts';
import { ProgressBar } from '../ui/States.tsx';
import s from './StatusBar.module.css';

export function StatusBar() {
  const tasks = useTasks((state) => state.tasks);
  const document = useWorkspace((state) => state.documents.find((d) => d.id === state.active));
  const bytesRead = useBytesRead(document);
  const promise = document?.remote ? 'nothing is uploaded' : 'nothing leaves this page';
  return (
    <footer className={s.bar}>
      <div className={s.tasks} role="status" aria-label="Tasks">
        {/* The first one fills the start screen, while that is what is shown. */}
        {tasks.slice(document ? 0 : 1).map((task) => (
          <TaskLine key={task.id} task={task} />
        ))}
        {tasks.length === 0 && document && (
          <span className={s.format}>
            {document.formatLabel}
            {document.formatVersion && <span>, {document.formatVersion}</span>}
          </span>
        )}
      </div>
      {document && <EditCount document={document.id} />}
      {document && <ProblemCount document={document.id} />}
      <span className={`numbers ${s.right}`}>
        {!crossOriginIsolated && (
          <span title="This host sends no isolation headers (COOP, COEP), so WebAssembly computes on one thread">
            one thread
          </span>
        )}
        {document?.wholeDownload && (
          <span title="The server gives no ranges, so the whole file had to be downloaded">downloaded whole</span>
        )}
        {document && (
          <data
            value={bytesRead}
            title={`Bytes read: ${bytesText(document.bytesRead)} to open this document, ${bytesText(bytesRead - document.bytesRead)} since`}
          >
            {bytesText(bytesRead)} read
          </data>
        )}
        <span className={s.promise} title={promise}>
          <ShieldCheck size={12} aria-hidden="true" />
          {promise}
        </span>
      </span>
    </footer>
  );
}

function EditCount({ document }: { readonly document: DocumentId }) {
  const { cursor } = useEditLog(document);
  return (
    <button
      type="button"
      className={s.problems}
      data-edits={cursor > 0 || undefined}
      onClick={() => goTo(document, 0, 'edits')}
    >
      Edits <b>{exactCount(cursor)}</b>
    </button>
  );
}

/** Errors and warnings; notes are no problem. */
function ProblemCount({ document }: { readonly document: DocumentId }) {
  const count = useProblemCount(document);
  return (
    <button
      type="button"
      className={s.problems}
      data-some={(count ?? 0) > 0 || undefined}
      onClick={() => goTo(document, 0, 'health')}
    >
      {(count ?? 0) > 0 && <TriangleAlert size={12} aria-hidden="true" />}
      Problems <b>{count === undefined ? '–' : exactCount(count)}</b>
    </button>
  );
}

function TaskLine({ task }: { readonly task: Task }) {
  return (
    <span className={s.task}>
      <span className={s.words}>{task.title}</span>
      <ProgressBar label={task.title} done={task.done} total={task.total} />
      {task.total > 0 && (
        <span className={`numbers ${s.percent}`}>{percentText(Math.floor((task.done / task.total) * 100) / 100)}</span>
      )}
      <button type="button" className={s.cancel} onClick={task.cancel} aria-label={`Cancel: ${task.title}`}>
        <X size={12} aria-hidden="true" />
        cancel
      </button>
    </span>
  );
}
