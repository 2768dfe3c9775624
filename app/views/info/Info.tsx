import { entryOf } from '../../state/explorer.ts';
import { entryDetail } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import { CardGrid } from '../../ui/Card.tsx';
import type { Target } from '../view.ts';
import { EntryInfo } from './EntryInfo.tsx';
import { ModuleInfo } from './ModuleInfo.tsx';

/** What is declared about the selection: a module's totals, or everything the file says about one entry. */
export default function Info({ target }: { readonly target: Target }) {
  const { document, node } = target;
  const row = entryOf(document, node);
  const hasChildren = document.tree.end[node]! > node + 1;
  return (
    <CardGrid>
      {row !== undefined && <EntryCards target={target} row={row} />}
      {hasChildren && <ModuleInfo target={target} />}
    </CardGrid>
  );
}

function EntryCards({ target, row }: { readonly target: Target; readonly row: number }) {
  return (
    <Answer to={entryDetail(target.document.id, row)}>
      {(detail) => <EntryInfo document={target.document} detail={detail} />}
    </Answer>
  );
}
