import { entryOf } from '../../state/explorer.ts';
import { type Target, valueTypeOf } from '../view.ts';
import { ScanTable } from './ScanTable.tsx';
import { TensorStats } from './TensorStats.tsx';

/** What the numbers are like: of one tensor, or of every tensor below a module. */
export default function Stats({ target }: { readonly target: Target }) {
  const row = valueTypeOf(target) === 'tensor' ? entryOf(target.document, target.node) : undefined;
  if (row !== undefined) return <TensorStats target={target} row={row} />;
  return <ScanTable key={`${target.document.id}/${target.node}`} target={target} />;
}
