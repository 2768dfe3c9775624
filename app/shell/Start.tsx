import { ClipboardPaste, FolderOpen, Globe, Upload } from 'lucide-react';
import { useTasks } from '../state/tasks.ts';
import { showDialog, useWorkspace } from '../state/workspace.ts';
import { Button } from '../ui/Button.tsx';
import { bytesText } from '../ui/format.ts';
import { ProgressBar } from '../ui/States.tsx';
import { Examples } from './Examples.tsx';
import { pickFiles, pickFolder } from './pick-files.ts';
import { Recents } from './Recents.tsx';
import s from './Start.module.css';

/** The promise, and every way to begin. */
export function Start() {
  const task = useTasks((state) => state.tasks[0]);
  const awaited = useWorkspace((state) => state.awaited);
  return (
    <div className={s.start}>
      <div className={s.column}>
        <div className={s.promise}>
          <h1>See what is in a checkpoint.</h1>
          <p>
            Modules, tensors, prompts, metadata and what is wrong with them. Nothing is uploaded, and nothing in the
            file is run.
          </p>
        </div>
        <section className={s.drop} aria-label="Open" data-busy={task ? true : undefined}>
          {task ? (
            <div className={s.busy} role="status">
              <p className={s.lead}>{task.title}</p>
              <ProgressBar label={task.title} done={task.done} total={task.total} />
              <p className={s.quiet}>
                {task.label || 'Reading'}
                {task.total > 0 && ` · ${bytesText(task.done)} of ${bytesText(task.total)}`}
              </p>
              <Button onClick={task.cancel}>Cancel</Button>
            </div>
          ) : (
            <>
              <Upload size={26} strokeWidth={1.5} aria-hidden="true" className={s.sign} />
              <p className={s.lead}>
                {awaited.document ? (
                  <>
                    Drop <span className="mono">{awaited.document}</span> again to go on where you were
                  </>
                ) : (
                  'Drop files or a folder anywhere on this page'
                )}
              </p>
              <p className={s.quiet}>
                .safetensors · .pt .pth .bin .ckpt · .gguf · .npz .npy · .onnx · .msgpack · .json .toml .yaml · shards
                together · Orbax folders · archives
              </p>
              <div className={s.ways}>
                <Button look="primary" onClick={() => void pickFiles()}>
                  Open files
                </Button>
                <Button onClick={() => void pickFolder()}>
                  <FolderOpen size={14} aria-hidden="true" />
                  Open a folder
                </Button>
                <Button onClick={() => showDialog('url')}>
                  <Globe size={14} aria-hidden="true" />
                  Open a URL or a Hugging Face repo
                </Button>
                <Button onClick={() => showDialog('paste')}>
                  <ClipboardPaste size={14} aria-hidden="true" />
                  Paste text
                </Button>
              </div>
            </>
          )}
        </section>
        <Recents />
        <Examples />
      </div>
    </div>
  );
}
