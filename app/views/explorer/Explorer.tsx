import { isCompared } from '../../state/compare.ts';
import { useExplorer } from '../../state/explorer.ts';
import { useSettings } from '../../state/settings.ts';
import type { Target } from '../view.ts';
import { DocumentRow } from './DocumentRow.tsx';
import s from './explorer.module.css';
import { FilterBox } from './FilterBox.tsx';
import { FlatTable } from './FlatTable.tsx';
import { SideTrees } from './SideTrees.tsx';
import { Tools } from './Tools.tsx';
import { Tree } from './Tree.tsx';

/** The panel that says what is in a document: a tree of its modules, or a flat table of its entries. */
export default function Explorer({ target }: { readonly target: Target }) {
  const explorer = useExplorer(target.document.id);
  const sideBySide = useSettings((state) => state.sideBySide);
  if (!explorer) return null;
  const Trees = sideBySide && isCompared(target.document) ? SideTrees : Tree;
  const Body = explorer.face === 'table' ? FlatTable : Trees;
  return (
    <div className={s.explorer}>
      <div className={s.bar}>
        <FilterBox explorer={explorer} />
        <Tools explorer={explorer} />
      </div>
      <DocumentRow explorer={explorer} />
      <div className={s.body}>
        <Body explorer={explorer} />
      </div>
    </div>
  );
}
