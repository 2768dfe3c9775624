import { useEffect, useState } from 'react';
import type { Offer } from '../state/workspace.ts';
import { addNotice, openOffer } from '../state/workspace.ts';
import { bytesText } from '../ui/format.ts';
import s from './gallery.module.css';

interface Example {
  readonly id: string;
  readonly title: string;
  readonly blurb: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

const ROOT = new URL('./examples/', document.baseURI);

/** Sample checkpoints that lie beside the page. Their list is read when the start screen shows, each file when it is opened. */
export function Examples() {
  const [examples, setExamples] = useState<readonly Example[]>([]);
  useEffect(() => {
    const controller = new AbortController();
    fetch(new URL('examples.json', ROOT), { signal: controller.signal })
      .then((response) => (response.ok ? response.json() : { examples: [] }))
      .then((list: { readonly examples: readonly Example[] }) => setExamples(list.examples))
      // Without examples the page is whole: the section stays away.
      .catch(() => undefined);
    return () => controller.abort();
  }, []);
  if (examples.length === 0) return null;
  return (
    <section className={s.section} aria-label="Examples">
      <h2>Try an example</h2>
      <ul className={s.examples}>
        {examples.map((example) => (
          <li key={example.id}>
            <button type="button" className={s.example} onClick={() => void openExample(example)}>
              <b>{example.title}</b>
              <span>{example.blurb}</span>
              <i className="mono">
                <span title={namesOf(example)}>{namesOf(example)}</span>
                <span>{bytesText(total(example))}</span>
              </i>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const namesOf = (example: Example) => example.files.map((file) => file.name).join(', ');

const total = (example: Example) => example.files.reduce((sum, file) => sum + file.size, 0);

async function openExample(example: Example): Promise<void> {
  const files = await Promise.all(example.files.map((file) => fetchExample(file.name)));
  const failed = example.files.find((_, i) => files[i] === undefined);
  if (failed !== undefined) {
    addNotice({
      file: failed.name,
      error: { kind: 'source', file: failed.name, detail: 'the example could not be loaded' },
    });
    return;
  }
  await openOffer({ title: example.title, files: files.filter((file) => file !== undefined) });
}

async function fetchExample(name: string): Promise<Offer['files'][number] | undefined> {
  try {
    const response = await fetch(new URL(name, ROOT));
    if (!response.ok) return undefined;
    return { path: name, handle: { kind: 'blob', blob: await response.blob(), name } };
  } catch {
    return undefined;
  }
}
