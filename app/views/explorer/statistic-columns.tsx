import { type ModuleTree, type StatisticName, VALUE_ORDER } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { isCheap, useFileOffset, useStatistic, wantOffsets, wantStatistics } from '../../state/scans.ts';
import { isRun } from '../../state/tree-rows.ts';
import { exactCount } from '../../ui/format.ts';
import type { GridColumn } from '../../ui/grid-columns.ts';
import { STATISTIC_TITLES, statisticText } from '../../ui/statistic-text.ts';
import s from './explorer.module.css';

/** Columns that a person asks for: what is in them is read from the file. */
export const STATISTIC_COLUMNS = ['mean', 'std', 'min', 'max', 'l2', 'zeros', 'nan', 'inf'] as const;
type StatisticColumn = (typeof STATISTIC_COLUMNS)[number];

/** Titles in the menu, by id. */
export const OPTIONAL_TITLES: Readonly<Record<StatisticColumn | 'align', string>> = {
  ...(Object.fromEntries(STATISTIC_COLUMNS.map((name) => [name, STATISTIC_TITLES[name]])) as Record<
    StatisticColumn,
    string
  >),
  align: 'Alignment',
};

/** Entry row of a tensor's row in the tree; -1 for everything else. */
export const tensorRow = (tree: ModuleTree, id: number): number =>
  !isRun(id) && tree.type[id] === VALUE_ORDER.indexOf('tensor') ? tree.entry[id]! : -1;

/** The columns a person shows, for tree and table; `rowOf` gives the entry row of a tensor's row id, -1 for what is none. */
export function statisticColumns(
  document: OpenedDocument,
  shown: readonly string[],
  rowOf: (id: number) => number,
): readonly GridColumn[] {
  const columns = STATISTIC_COLUMNS.filter((name) => shown.includes(name)).map(
    (name): GridColumn => ({
      id: name,
      title: STATISTIC_TITLES[name],
      width: name === 'nan' || name === 'inf' ? 46 : 74,
      min: 40,
      drop: 10,
      align: 'end',
      cell: (id) => {
        const row = rowOf(id);
        return row < 0 ? null : <StatisticCell document={document} row={row} name={name} />;
      },
    }),
  );
  if (!shown.includes('align')) return columns;
  const align: GridColumn = {
    id: 'align',
    title: 'Align',
    width: 52,
    min: 44,
    drop: 9,
    align: 'end',
    cell: (id) => {
      const row = rowOf(id);
      return row < 0 ? null : <AlignCell document={document} row={row} />;
    },
  };
  return [...columns, align];
}

/** What rows that came to rest need; undefined while no such column is shown. */
export function wantColumns(
  document: OpenedDocument,
  shown: readonly string[],
): ((rows: readonly number[]) => void) | undefined {
  const hasStatistics = STATISTIC_COLUMNS.some((name) => shown.includes(name));
  const hasAlign = shown.includes('align');
  if (!hasStatistics && !hasAlign) return undefined;
  return (rows) => {
    const tensors = rows.filter((row) => row >= 0);
    if (hasStatistics) void wantStatistics(document, tensors);
    if (hasAlign) void wantOffsets(document, tensors);
  };
}

interface CellProps {
  readonly document: OpenedDocument;
  readonly row: number;
}

function StatisticCell({ document, row, name }: CellProps & { readonly name: StatisticName }) {
  const value = useStatistic(document.id, row, name);
  const waits = value === undefined && !isCheap(document, row);
  const isBad = (name === 'nan' || name === 'inf') && (value ?? 0) > 0;
  return (
    <span
      className={`mono ${value === undefined ? s.quiet : isBad ? s.warn : ''}`}
      title={waits ? 'Large: computed when it is asked for under Statistics' : undefined}
    >
      {statisticText(name, value)}
    </span>
  );
}

/** Beyond a page of memory nobody asks for more. */
const MOST_ALIGNED = 4096;

function AlignCell({ document, row }: CellProps) {
  const { tree } = document;
  const offset = useFileOffset(document.id, row);
  if (offset === undefined || Number.isNaN(offset)) {
    return <span className={`mono ${s.quiet}`}>{offset === undefined ? '·' : '—'}</span>;
  }
  let aligned = 1;
  while (aligned < MOST_ALIGNED && offset % (aligned * 2) === 0) aligned *= 2;
  const node = tree.nodeOfEntry[row]!;
  const width = tree.params[node]! > 0 ? tree.bytes[node]! / tree.params[node]! : 1;
  const isOff = width > 1 && offset % width !== 0;
  return (
    <span
      className={`mono ${isOff ? s.warn : ''}`}
      title={`Begins at byte ${exactCount(offset)} of its file, a multiple of ${aligned}${isOff ? `; its elements take ${width}` : ''}`}
    >
      {aligned}
    </span>
  );
}
