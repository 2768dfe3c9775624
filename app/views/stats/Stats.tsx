import type { EntryId } from '../../../src-core/index.ts';
import { entryOf } from '../../state/explorer.ts';
import { entryDetail } from '../../state/resources.ts';
import { Answer } from '../../ui/Answer.tsx';
import { type Target, valueTypeOf } from '../view.ts';
import { ScanTable } from './ScanTable.tsx';
import { TensorStats } from './TensorStats.tsx';
import { seenTensor, tensorOf } from './tensor-of.ts';

/** What the numbers are like: of one tensor, or of every tensor below a module. */
export default function Stats({ target }: { readonly target: Target }) {
  const row = valueTypeOf(target) === 'tensor' ? entryOf(target.document, target.node) : undefined;
  if (row !== undefined) return <EntryStats target={target} row={row} />;
  return <ScanTable key={`${target.document.id}/${target.node}`} target={target} />;
}

function EntryStats({ target, row }: { readonly target: Target; readonly row: EntryId }) {
  const { document, node } = target;
  // The tree knows the type and shape of all that is not packed.
  if (!document.summary.packed) return <TensorStats target={target} row={row} tensor={tensorOf(document, node)} />;
  return (
    <Answer to={entryDetail(document.id, row)}>
      {(detail) => <TensorStats target={target} row={row} tensor={seenTensor(document, node, detail)} />}
    </Answer>
  );
}
