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
  // A module's totals are in the tree: nothing has to be waited for.
  const waiting = entryOf(document, node) === undefined ? <Cards target={{ document, node }} /> : undefined;
  return (
    <Answer to={known} waiting={waiting}>
      {(known) => <Cards {...known} />}
    </Answer>
  );
}

function Cards({ target, detail }: Known) {
  return (
    <CardGrid>
      {detail && <EntryInfo document={target.document} detail={detail} />}
      {target.document.tree.end[target.node]! > target.node + 1 && <ModuleInfo target={target} />}
    </CardGrid>
  );
}
