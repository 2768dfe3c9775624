import { useMemo, useState } from 'react';
import type { GraphNodeInfo } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { changeGraphList, useGraphList } from '../../state/graph-list.ts';
import { graphNodes } from '../../state/resources.ts';
import { changeSettings, useSettings } from '../../state/settings.ts';
import { Answer } from '../../ui/Answer.tsx';
import { DataTable, type TableColumn } from '../../ui/DataTable.tsx';
import { exactCount } from '../../ui/format.ts';
import { Search } from '../../ui/icons.ts';
import { Empty } from '../../ui/States.tsx';
import type { Target } from '../view.ts';
import { findNodes, type NodeSort, sortNodes } from './find-nodes.ts';
import { NodeDetail } from './NodeDetail.tsx';
import s from './nodes.module.css';

/** What a graph computes, node by node. */
export default function Nodes({ target: { document } }: { readonly target: Target }) {
  return (
    <Answer to={graphNodes(document.id)}>
      {(nodes) =>
        nodes.length === 0 ? (
          <Empty title="No nodes">The graph gives what it is given.</Empty>
        ) : (
          <NodeList document={document} nodes={nodes} />
        )
      }
    </Answer>
  );
}

interface NodeListProps {
  readonly document: OpenedDocument;
  readonly nodes: readonly GraphNodeInfo[];
}

const NONE: readonly string[] = [];

function NodeList({ document, nodes }: NodeListProps) {
  const [sort, setSort] = useState<NodeSort | null>(null);
  const { text, selected } = useGraphList(document.id);
  const select = (index: number) => changeGraphList(document.id, { selected: index });
  const widths = useSettings((state) => state.columnWidths);
  const found = useMemo(() => sortNodes(nodes, findNodes(nodes, text), sort), [nodes, text, sort]);
  const columns = useMemo(() => makeColumns(nodes), [nodes]);
  // What is looked for is looked at: the first of it, unless one of the others was chosen.
  const shown = found.length > 0 && !found.includes(selected) ? found[0]! : selected;
  return (
    <div className={s.view}>
      <h2 className="unseen">Nodes</h2>
      <div className={s.panes}>
        <section className={s.list} aria-label="Nodes of the graph">
          <div className={s.tools}>
            <label className={s.find}>
              <Search size={13} aria-hidden="true" />
              <input
                type="search"
                className="mono"
                aria-label="Find nodes"
                placeholder="Find: MatMul, layers.0, a value"
                value={text}
                spellCheck={false}
                autoComplete="off"
                onChange={({ target }) => changeGraphList(document.id, { text: target.value })}
              />
            </label>
            <span className={`numbers ${s.count}`} role="status">
              {text.trim() === ''
                ? exactCount(nodes.length)
                : `${exactCount(found.length)} of ${exactCount(nodes.length)}`}
            </span>
          </div>
          <div className={s.grid}>
            <DataTable
              label="Nodes"
              count={found.length}
              rowAt={(index) => found[index]!}
              columns={columns}
              widths={widths}
              hidden={NONE}
              onResize={(column, width) => changeSettings({ columnWidths: { ...widths, [column]: width } })}
              sort={sort}
              onSort={(column, descending) => setSort(column === null ? null : { column, descending })}
              selected={shown}
              onMove={select}
              onOpen={select}
              empty={<Empty title="Nothing matches">No node, operator or value has these words.</Empty>}
            />
          </div>
        </section>
        {nodes[shown] && (
          <NodeDetail
            document={document}
            nodes={nodes}
            index={shown}
            onSelect={(index) => changeGraphList(document.id, { text: '', selected: index })}
          />
        )}
      </div>
    </div>
  );
}

const makeColumns = (nodes: readonly GraphNodeInfo[]): readonly TableColumn[] => {
  const column = (id: string, title: string, width: number, word: (node: GraphNodeInfo) => string): TableColumn => ({
    id,
    title,
    width,
    min: 56,
    cell: (row) => <Words text={word(nodes[row]!)} />,
  });
  return [
    column('node-name', 'Node', 150, ({ name, within }) => (within === '' ? name : `${within} › ${name}`)),
    column('node-op', 'Operator', 104, ({ op, domain }) => (domain === '' ? op : `${domain}.${op}`)),
    column('node-inputs', 'Inputs', 130, ({ inputs }) => inputs.map(({ name }) => name || '–').join(', ')),
    column('node-outputs', 'Outputs', 130, ({ outputs }) => outputs.join(', ')),
  ];
};

const Words = ({ text }: { readonly text: string }) => (
  <span className={`mono ${s.words}`} title={text}>
    <bdi dir="ltr">{text}</bdi>
  </span>
);
