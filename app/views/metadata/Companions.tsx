import { useMemo } from 'react';
import type { FileInfo } from '../../../src-core/index.ts';
import { openCompanion, useOpenCompanion } from '../../state/companions.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { companionText } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Card } from '../../ui/Card.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { bytesText, exactCount, plural } from '../../ui/format.ts';
import { ChevronRight } from '../../ui/icons.ts';
import s from './metadata.module.css';
import { prettyText } from './pretty-text.ts';

interface CompanionsProps {
  readonly document: OpenedDocument;
  readonly files: readonly FileInfo[];
}

/** Small texts kept beside the model: its settings, its tokeniser, its index. A click shows one. */
export function Companions({ document, files }: CompanionsProps) {
  const open = useOpenCompanion(document.id);
  return (
    <Card title="Beside the model" aside={plural(files.length, 'file')} padded={false} wide>
      <ul className={s.companions}>
        {files.map((file) => {
          const isOpen = open === file.id;
          return (
            <li key={file.id}>
              <button
                type="button"
                className={s.companion}
                aria-expanded={isOpen}
                onClick={() => openCompanion(document.id, isOpen ? null : file.id)}
              >
                <ChevronRight size={13} aria-hidden="true" />
                <span className="mono">{file.name}</span>
                <span>
                  {file.part === 'index'
                    ? 'says which shard holds what'
                    : file.part === 'sidecar'
                      ? 'roles that were given'
                      : ''}
                </span>
                <span className="mono">{file.size === undefined ? '' : bytesText(file.size)}</span>
              </button>
              {isOpen && (
                <Answer key={file.id} to={companionText(document.id, file.id)}>
                  {(text) => <CompanionText name={file.name} text={text} />}
                </Answer>
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function CompanionText({ name, text }: { readonly name: string; readonly text: string }) {
  const { shown, left } = useMemo(() => prettyText(text), [text]);
  return (
    <div className={s.text}>
      <span className={s.copyText}>
        <CopyButton text={text} label={`Copy ${name}`} />
      </span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by keyboard */}
      <section aria-label={`Text of ${name}`} tabIndex={0}>
        <pre>{shown}</pre>
      </section>
      {left > 0 && <p>and {exactCount(left)} more characters, not shown</p>}
    </div>
  );
}
