import { useMemo } from 'react';
import { assembleSystemPrompt, type Entry } from '../../../src-core/index.ts';
import { useSamples } from '../../state/prompts.ts';
import { entryAsRead, entryDetail } from '../../state/resources.ts';
import { keyOfNode } from '../../state/tree-labels.ts';
import { Answer } from '../../ui/Answer.tsx';
import { PromptPane } from '../PromptPane.tsx';
import { usePromptPreview } from '../use-prompt-preview.ts';
import type { Target } from '../view.ts';
import { promptParts } from './prompt-parts.ts';
import s from './text.module.css';

/** The system prompt of an agent, put together of its parts as msgflux does it. */
export function ModulePrompt({ target }: { readonly target: Target }) {
  const parts = useMemo(() => readParts(target), [target]);
  return <Answer to={parts}>{(texts) => <Assembled target={target} {...texts} />}</Answer>;
}

async function readParts({ document, node }: Target): Promise<{ readonly text: string; readonly asRead: string }> {
  const rows = [...promptParts(document.tree, node)];
  const read = async (entryOf: (row: number) => Promise<Entry | null>) =>
    assemble(await Promise.all(rows.map(async ([name, row]) => [name, await entryOf(row)] as const)));
  const [text, asRead] = await Promise.all([
    read(async (row) => (await entryDetail(document.id, row)).entry),
    read((row) => entryAsRead(document.id, row)),
  ]);
  return { text, asRead };
}

/** TOML has no null: msgflux writes the text `None` for it, and reads that back as null. */
function assemble(parts: readonly (readonly [string, Entry | null])[]): string {
  const texts = parts.flatMap(([name, entry]) =>
    entry?.value.type === 'text' && entry.value.text !== 'None' ? [[name, entry.value.text]] : [],
  );
  return assembleSystemPrompt(Object.fromEntries(texts));
}

interface AssembledProps {
  readonly target: Target;
  readonly text: string;
  readonly asRead: string;
}

function Assembled({ target: { document, node }, text, asRead }: AssembledProps) {
  const samples = useSamples(document.id);
  const preview = usePromptPreview({ of: `${document.id}/${node}`, text, asRead, kind: 'jinja', samples });
  return (
    <div className={s.module}>
      <div className={s.sheet}>
        <PromptPane
          document={document.id}
          label={keyOfNode(document.tree, node)}
          preview={preview}
          note="The system prompt as msgflux 0.5.1 puts it together of these entries, without tools, skills and date, which no file holds."
        />
      </div>
    </div>
  );
}
