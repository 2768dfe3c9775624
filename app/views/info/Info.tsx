import { useMemo } from 'react';
import type { EntryDetail } from '../../state/engine.ts';
import { entryOf } from '../../state/explorer.ts';
import { entryDetail } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import { CardGrid } from '../../ui/Card.tsx';
import type { Target } from '../view.ts';
import { EntryInfo } from './EntryInfo.tsx';
import { ModuleInfo } from './ModuleInfo.tsx';

/** A selection with what is known of it: they are drawn together, so that a step to the next one never shows half of each. */
interface Known {
  readonly target: Target;
  readonly detail?: EntryDetail;
}

async function know(target: Target): Promise<Known> {
  const row = entryOf(target.document, target.node);
  return row === undefined ? { target } : { target, detail: await entryDetail(target.document.id, row) };
}

/** What is declared about the selection: a module's totals, or everything the file says about one entry. */
export default function Info({ target: { document, node } }: { readonly target: Target }) {
  const known = useMemo(() => know({ document, node }), [document, node]);
  return (
    <Answer to={known}>
      {({ target, detail }) => (
        <CardGrid>
          {detail && <EntryInfo document={target.document} detail={detail} />}
          {target.document.tree.end[target.node]! > target.node + 1 && <ModuleInfo target={target} />}
        </CardGrid>
      )}
    </Answer>
  );
}
