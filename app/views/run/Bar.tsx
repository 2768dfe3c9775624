import type { RunDescription, WantedBackend } from '../../../src-core/index.ts';
import { titleOf } from '../../state/document-titles.ts';
import { useEditLog } from '../../state/edits.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { type Against, type Ran, type RunForm, useAgainst } from '../../state/run.ts';
import { useTasks } from '../../state/tasks.ts';
import { useWorkspace } from '../../state/workspace.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { bytesText } from '../../ui/format.ts';
import { Play, X } from '../../ui/icons.ts';
import s from './run.module.css';

interface BarProps {
  readonly document: OpenedDocument;
  readonly description: RunDescription;
  readonly form: RunForm;
  readonly onChange: (part: Partial<RunForm>) => void;
}

const BACKENDS: readonly (readonly [WantedBackend, string])[] = [
  ['auto', 'WebGPU if it serves'],
  ['webgpu', 'WebGPU'],
  ['wasm', 'WASM'],
];

/** What it is, where it runs, and the button that runs it. */
export function Bar({ document, description, form, onChange }: BarProps) {
  const { forecast, kind, path } = description;
  const task = useTasks(({ tasks }) => tasks.find(({ title }) => title.startsWith('Run ')));
  return (
    <section className={s.bar} aria-label="How it is run">
      <p className={s.taken}>
        <span>Taken for</span> <Badge tone="plain">{kind}</Badge>
        <span className={s.soft}>{bytesText(forecast.weights)} of weights as f32</span>
      </p>
      <div className={s.acts}>
        <AgainstChoice document={document} form={form} onChange={onChange} />
        <label className={s.pick}>
          on
          <select
            aria-label="Run on"
            value={form.backend}
            onChange={(event) => onChange({ backend: event.target.value as WantedBackend })}
          >
            {BACKENDS.map(([value, title]) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {task ? (
          <Button onClick={task.cancel}>
            <X size={14} aria-hidden="true" />
            Stop
          </Button>
        ) : (
          <Button
            look="primary"
            title={`Run ${path || document.name}`}
            onClick={() => onChange({ isRunning: true, samples: { ...form.samples } })}
          >
            <Play size={14} aria-hidden="true" />
            {form.isRunning ? 'Run again' : 'Run'}
          </Button>
        )}
      </div>
    </section>
  );
}

interface WhereProps {
  readonly ran: Ran;
  readonly onRetry: () => void;
}

/** Where it ran, how long it took, and why it was not on the GPU. */
export function Where({ ran, onRetry }: WhereProps) {
  const answer = ran.result?.answer;
  if (!answer) return null;
  const { backend, why, times, gpuFailed } = answer;
  return (
    <p className={s.where} role="status">
      <b>{backend === 'webgpu' ? 'WebGPU' : 'WASM'}</b>
      {why && why !== 'it was chosen' ? `, because ${why}` : ''}
      <span className="numbers">
        {' '}
        · run {milliseconds(times.run)} · weights {milliseconds(times.weights)} · start {milliseconds(times.start)}
      </span>
      {gpuFailed && (
        <>
          {' '}
          <Button look="link" onClick={onRetry}>
            Try WebGPU again
          </Button>
        </>
      )}
    </p>
  );
}

export const milliseconds = (time: number): string =>
  time < 10 ? `${time.toFixed(1)} ms` : time < 1000 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(1)} s`;

/** Another run that is shown beside this one: before the edits, or another document's module of the same name. */
export function AgainstChoice({ document, form, onChange }: Pick<BarProps, 'document' | 'form' | 'onChange'>) {
  const documents = useWorkspace((state) => state.documents);
  const hasEdits = useEditLog(document.id).cursor > 0;
  const against = useAgainst(document, form);
  const others = documents.filter(({ id }) => id !== document.id);
  if (!hasEdits && others.length === 0) return null;
  return (
    <label className={s.pick}>
      beside
      <select
        aria-label="Run beside"
        value={String(against)}
        onChange={({ target: { value } }) =>
          onChange({ against: (value === 'nothing' || value === 'before' ? value : Number(value)) as Against })
        }
      >
        <option value="nothing">nothing</option>
        {hasEdits && <option value="before">before the edits</option>}
        {others.map((other) => (
          <option key={other.id} value={other.id}>
            {titleOf(other, documents)}
          </option>
        ))}
      </select>
    </label>
  );
}
