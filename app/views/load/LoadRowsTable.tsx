import { type ReactNode, useCallback, useMemo, useState } from 'react';
import {
  LOAD_STATUSES,
  type LoadPolicyInfo,
  type LoadRow,
  type LoadStatus,
  type Reaction,
} from '../../../src-core/index.ts';
import { comparisonOf } from '../../state/compare.ts';
import {
  type LoadColumn,
  type LoadEnds,
  type LoadView,
  type PlannedLoad,
  policyOf,
  useLoadOrder,
} from '../../state/load.ts';
import { type LoadRows, useLoadRows } from '../../state/load-rows.ts';
import { useRowAnswer, useWantedRows } from '../../state/row-answers.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { goTo, useWorkspace } from '../../state/workspace.ts';
import { Badge, type Tone } from '../../ui/Badge.tsx';
import { DataTable, type TableColumn } from '../../ui/DataTable.tsx';
import { exactCount } from '../../ui/format.ts';
import { Search } from '../../ui/icons.ts';
import { Segments } from '../../ui/Segments.tsx';
import { Empty } from '../../ui/States.tsx';
import s from './load.module.css';

const NONE: readonly string[] = [];
const NO_ROWS = new Uint32Array(0);
const TITLES: Readonly<Record<LoadStatus, string>> = {
  shape: 'Shape',
  dtype: 'Dtype',
  rank: 'Rank',
  alignment: 'Alignment',
  quant: 'Quantisation',
  kind: 'Kind',
  uninitialized: 'No values',
  missing: 'Missing',
  unexpected: 'Unexpected',
  added: 'Added',
  matched: 'Matched',
};

/** Every key of either side, and what became of it: those at odds first. */
export function LoadRowsTable({ load, ends }: { readonly load: PlannedLoad; readonly ends: LoadEnds }) {
  const [view, setView] = useState<LoadView>({ show: 'all', text: '', sort: null });
  const options = listOptions(load);
  const show = options.some(([value]) => value === view.show) ? view.show : 'all';
  const order = useLoadOrder(load, { ...view, show });
  return (
    <section className={s.table} aria-label="Entries">
      <div className={s.tools}>
        <div className={s.kinds}>
          <Segments
            label="Show"
            value={show}
            options={options}
            onChange={(value) => setView({ ...view, show: value })}
          />
        </div>
        <label className={s.find}>
          <Search size={13} aria-hidden="true" />
          <input
            type="search"
            className="mono"
            aria-label="Keys with"
            placeholder="Keys with…"
            value={view.text}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setView({ ...view, text: event.target.value })}
          />
        </label>
      </div>
      <Grid load={load} ends={ends} order={order} view={view} onSort={(sort) => setView({ ...view, sort })} />
    </section>
  );
}

function listOptions({ counts, rows, raises, changed }: PlannedLoad): (readonly [LoadView['show'], string])[] {
  return [
    ['all', `All ${exactCount(rows)}`],
    ...LOAD_STATUSES.flatMap((status) =>
      counts[status] > 0 ? [[status, `${TITLES[status]} ${exactCount(counts[status])}`] as const] : [],
    ),
    ...(raises !== null && changed > 0 ? [['changed', `Already changed ${exactCount(changed)}`] as const] : []),
  ];
}

interface GridProps {
  readonly load: PlannedLoad;
  readonly ends: LoadEnds;
  readonly order: Uint32Array<ArrayBuffer> | undefined;
  readonly view: LoadView;
  readonly onSort: (sort: LoadView['sort']) => void;
}

/** Height of the head and of the line below the last row. */
const HEAD = 34;
const ROW = 26;

function Grid({ load, ends, order, view, onSort }: GridProps) {
  const rows = useLoadRows(load.id);
  const widths = useSettings((state) => state.columnWidths);
  const shown = order ?? NO_ROWS;
  const rowAt = useCallback((index: number) => shown[index]!, [shown]);
  const columns = useMemo(() => makeColumns(rows, load), [rows, load]);
  const [selected, select] = useState(-1);
  const open = (id: number) => {
    const row = rows.get(id);
    if (row) goToRow(row, ends);
  };
  return (
    <div className={s.grid} style={{ height: HEAD + ROW * Math.max(4, Math.min(shown.length, 40)) }}>
      <DataTable
        label="Entries of the load"
        count={shown.length}
        rowAt={rowAt}
        columns={columns}
        widths={widths}
        hidden={NONE}
        onResize={(column, width) => changeSettings({ columnWidths: { ...widths, [column]: width } })}
        sort={view.sort && { ...view.sort, column: idOf(view.sort.column) }}
        onSort={(column, descending) => onSort(column === null ? null : { column: columnOf(column), descending })}
        selected={selected}
        onMove={select}
        onOpen={open}
        onWindow={useWantedRows(rows, rowAt, shown.length)}
        empty={order && <Empty title="No such key" />}
      />
    </div>
  );
}

const COLUMNS: readonly (readonly [
  id: LoadColumn,
  title: string,
  width: number,
  cell: (row: LoadRow, load: PlannedLoad) => ReactNode,
])[] = [
  ['key', 'Key', 132, ({ key }) => <Words text={key} />],
  [
    'status',
    'Status',
    92,
    (row, load) => <Badge tone={toneOfRow(row, policyOf(load.policy))}>{TITLES[row.status]}</Badge>,
  ],
  ['expected', 'Expected', 100, ({ expected }) => <Words text={expected} />],
  ['actual', 'Comes', 100, ({ actual }) => <Words text={actual} />],
  ['after', 'By then', 70, wordAfter],
  [
    'suggestion',
    'Did you mean',
    100,
    ({ suggestion, from }) => <Words text={suggestion ?? (from && `from ${from}`) ?? ''} />,
  ],
];

/** Their widths are kept beside those of other tables. */
const idOf = (column: LoadColumn): string => `load-${column}`;
const columnOf = (id: string): LoadColumn => id.slice('load-'.length) as LoadColumn;

const makeColumns = (rows: LoadRows, load: PlannedLoad): readonly TableColumn[] =>
  COLUMNS.map(([id, title, width, cell]) => ({
    id: idOf(id),
    title: id === 'after' && load.raises === null ? 'After' : title,
    width,
    min: 60,
    cell: (row) => <Cell rows={rows} row={row} draw={(known) => cell(known, load)} />,
  }));

interface CellProps {
  readonly rows: LoadRows;
  readonly row: number;
  readonly draw: (row: LoadRow) => ReactNode;
}

function Cell({ rows, row, draw }: CellProps) {
  const known = useRowAnswer(rows, row);
  return known ? draw(known) : null;
}

const Words = ({ text }: { readonly text: string }) => (
  <span className={`mono ${s.key}`} title={text}>
    <bdi dir="ltr">{text}</bdi>
  </span>
);

/** What is in the target when it is over, one way or the other. */
function wordAfter({ status, isChanged }: LoadRow, { raises }: PlannedLoad): ReactNode {
  if (status === 'unexpected') return null;
  if (!isChanged) return <span className={s.soft}>as before</span>;
  if (raises !== null) return <Badge tone="warn">changed</Badge>;
  return <span>{status === 'added' ? 'added' : 'loaded'}</span>;
}

const TONES: Readonly<Partial<Record<Reaction, Tone>>> = { error: 'bad', cast: 'plain', add: 'accent' };

function toneOfRow({ status }: LoadRow, policy: LoadPolicyInfo): Tone {
  if (status === 'matched') return 'plain';
  if (status === 'added') return 'accent';
  const reaction =
    status === 'missing' || status === 'unexpected' || status === 'dtype' ? policy[status] : policy.shape;
  return TONES[reaction] ?? 'warn';
}

/** To the entry on either side, the document that is looked at first; while both are compared, to their pair. */
function goToRow({ target, source }: LoadRow, ends: LoadEnds): void {
  const { documents, active } = useWorkspace.getState();
  const places = [
    { end: ends.target, entry: target },
    { end: ends.source, entry: source },
  ].filter(({ end, entry }) => end !== 'text' && entry !== undefined);
  const place = places.find(({ end }) => end === active) ?? places[0];
  if (!place || place.end === 'text' || place.entry === undefined) return;
  const { end, entry } = place;
  const comparison = comparisonOf();
  if (comparison) {
    const { pairs, tree } = comparison;
    const pair = end === pairs.a ? pairs.pairOfA[entry] : end === pairs.b ? pairs.pairOfB[entry] : undefined;
    if (pair !== undefined) goTo(comparison.id, tree.nodeOfEntry[pair]!);
    return;
  }
  const document = documents.find(({ id }) => id === end);
  if (document) goTo(document.id, document.tree.nodeOfEntry[entry]!);
}
