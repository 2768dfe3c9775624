import { useMemo, useRef } from 'react';
import { chooseSide, useCompare, useSide } from '../../state/compare.ts';
import type { ComparedDocument, OpenedDocument } from '../../state/engine.ts';
import type { Explorer } from '../../state/explorer.ts';
import { pairSide } from '../../state/pair-sides.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { SideTreeGrid } from '../../ui/SideTreeGrid.tsx';
import { useElementSize } from '../../ui/use-element-size.ts';
import { useHiddenColumns } from './columns.ts';
import s from './explorer.module.css';
import { pairColumns } from './pair-columns.tsx';
import { treeSide } from './side-columns.tsx';
import { NothingHere, Tree } from './Tree.tsx';
import { useExplorerRows } from './use-explorer-rows.ts';

/** Two trees with all that is told of them take this much. */
const NEEDED = 700;
/** From here on the numbers of a difference have room between them. */
const ROOMY = 900;

/** Both documents of a comparison as trees of their own, row by row beside each other; one tree where there is no room for two. */
export function SideTrees({ explorer }: { readonly explorer: Explorer }) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useElementSize(frame);
  const [a, b] = [useSide('a'), useSide('b')];
  const comparison = explorer.document as ComparedDocument;
  // While another pair is made the sides are of the next one already.
  const areThese = a?.id === comparison.pairs.a && b?.id === comparison.pairs.b;
  return (
    <div ref={frame} className={s.sides}>
      {width > 0 && width < NEEDED && (
        <p className={s.note} role="note">
          One tree: side by side needs {NEEDED} pixels, and there are {width}.
        </p>
      )}
      {width > 0 &&
        (width >= NEEDED && a && b && areThese ? (
          <PairOfTrees explorer={explorer} comparison={comparison} a={a} b={b} roomy={width >= ROOMY} />
        ) : (
          <Tree explorer={explorer} />
        ))}
    </div>
  );
}

interface PairOfTreesProps {
  readonly explorer: Explorer;
  readonly comparison: ComparedDocument;
  readonly a: OpenedDocument;
  readonly b: OpenedDocument;
  readonly roomy: boolean;
}

function PairOfTrees({ explorer, comparison, a, b, roomy }: PairOfTreesProps) {
  const widths = useSettings((state) => state.columnWidths);
  const panels = useSettings((state) => state.panels);
  const hidden = useHiddenColumns(comparison);
  const side = useCompare((state) => state.side);
  const rows = useExplorerRows(explorer);
  // An edit makes another document at once, and another comparison soon: the rows of these pairs are those of the document before.
  // biome-ignore lint/correctness/useExhaustiveDependencies: both are read when the comparison is another
  const sides = useMemo(
    () => ({
      a: treeSide(comparison, pairSide(comparison, a, 'a'), 'a', hidden),
      b: treeSide(comparison, pairSide(comparison, b, 'b'), 'b', hidden),
    }),
    [comparison, hidden],
  );
  const middle = useMemo(() => {
    const wanted = ['status', ...(roomy ? ['delta'] : [])];
    return pairColumns(comparison, [a, b]).filter(({ id }) => wanted.includes(id) && !hidden.includes(id));
  }, [comparison, a, b, roomy, hidden]);
  return (
    <SideTreeGrid
      {...rows}
      label={`Modules and entries of ${a.name} and ${b.name}`}
      a={sides.a}
      b={sides.b}
      middle={middle}
      widths={widths}
      onResize={(column, width) => changeSettings({ columnWidths: { ...widths, [column]: width } })}
      split={panels.split ?? 50}
      onSplit={(split) => changeSettings({ panels: { ...panels, split } })}
      side={side}
      onSide={chooseSide}
      selected={explorer.selected === 0 ? -1 : explorer.selected}
      empty={<NothingHere explorer={explorer} />}
    />
  );
}
