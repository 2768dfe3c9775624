import { useRef } from 'react';
import { dtypeLabel, type GraphNodeInfo } from '../../../src-core/index.ts';
import type { OpenedDocument } from '../../state/engine.ts';
import { nodeAttributes } from '../../state/resources.ts';
import { changeRun } from '../../state/run.ts';
import { goTo } from '../../state/workspace.ts';
import { Answer } from '../../ui/Answer.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, Facts } from '../../ui/Card.tsx';
import { shapeText } from '../../ui/format.ts';
import s from './nodes.module.css';

interface NodeDetailProps {
  readonly document: OpenedDocument;
  readonly nodes: readonly GraphNodeInfo[];
  readonly index: number;
  readonly onSelect: (index: number) => void;
}

/** One node: what goes in, what comes out, and what is set of it. A tensor, and a node at the other end, is a click away. */
export function NodeDetail({ document, nodes, index, onSelect }: NodeDetailProps) {
  const pane = useRef<HTMLElement>(null);
  // The link goes with the node it was of.
  const follow = (to: number) => {
    pane.current?.focus();
    onSelect(to);
  };
  const node = nodes[index]!;
  const canRun = node.within === '';
  return (
    <aside ref={pane} className={s.detail} aria-label="Selected node" tabIndex={-1}>
      <Card
        title={<span className="mono">{node.name}</span>}
        aside={node.domain === '' ? node.op : `${node.domain}.${node.op}`}
      >
        <h3 className={s.part}>Inputs</h3>
        <ol className={s.values}>
          {node.inputs.map((input, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an input is its place
            <li key={place}>
              <Input document={document} nodes={nodes} node={node} input={input} onSelect={follow} />
            </li>
          ))}
          {node.inputs.length === 0 && <li className={s.soft}>none</li>}
        </ol>
        <h3 className={s.part}>Outputs</h3>
        <ol className={s.values}>
          {node.outputs.map((name) => (
            <li key={name}>
              <span className={`mono ${s.name}`}>{name}</span>
              <span className={s.to}>
                {takersOf(nodes, node, name).map((taker) => (
                  <Button key={taker} look="link" onClick={() => follow(taker)}>
                    to {nodes[taker]!.name}
                  </Button>
                ))}
                {canRun && (
                  <Button
                    look="link"
                    title={`Run up to ${name}`}
                    onClick={() => {
                      changeRun(document.id, '', { tap: name, isRunning: true });
                      goTo(document.id, 0, 'run');
                    }}
                  >
                    Show its values
                  </Button>
                )}
              </span>
            </li>
          ))}
        </ol>
        {node.attributes > 0 && (
          <>
            <h3 className={s.part}>Attributes</h3>
            <Answer to={nodeAttributes(document.id, index)}>
              {(attributes) => (
                <Facts
                  facts={attributes.map(({ name, text }) => [
                    name,
                    <span key={name} className="mono">
                      {text}
                    </span>,
                  ])}
                />
              )}
            </Answer>
          </>
        )}
      </Card>
    </aside>
  );
}

interface InputProps extends Pick<NodeDetailProps, 'document' | 'nodes' | 'onSelect'> {
  readonly node: GraphNodeInfo;
  readonly input: GraphNodeInfo['inputs'][number];
}

function Input({ document: { id, tree }, nodes, node, input: { name, entry }, onSelect }: InputProps) {
  if (name === '') return <span className={s.soft}>left out</span>;
  if (entry !== undefined) {
    const at = tree.nodeOfEntry[entry];
    if (at !== undefined)
      return (
        <>
          <Button look="link" title={`Look at ${name}`} onClick={() => goTo(id, at)}>
            <span className={`mono ${s.name}`}>{name}</span>
          </Button>
          <span className={`mono ${s.soft}`}>{formOf(tree, at)}</span>
        </>
      );
  }
  const from = nodes.findIndex(({ outputs, within }) => outputs.includes(name) && node.within.startsWith(within));
  return (
    <>
      <span className={`mono ${s.name}`}>{name}</span>
      {from < 0 ? (
        <span className={s.soft}>goes in</span>
      ) : (
        <Button look="link" onClick={() => onSelect(from)}>
          from {nodes[from]!.name}
        </Button>
      )}
    </>
  );
}

function formOf({ dtype, dtypes, shape, shapes }: OpenedDocument['tree'], at: number): string {
  const [code, of] = [dtype[at], shapes[shape[at] ?? -1]];
  const word = code ? dtypes[code - 1] : undefined;
  return [word && dtypeLabel(word), of && shapeText(of)].filter(Boolean).join(' ');
}

/** Most nodes told that take one value. */
const TAKERS = 6;

function takersOf(nodes: readonly GraphNodeInfo[], { within }: GraphNodeInfo, name: string): readonly number[] {
  const found: number[] = [];
  for (const [index, node] of nodes.entries()) {
    if (found.length === TAKERS) break;
    if (node.within.startsWith(within) && node.inputs.some((input) => input.name === name)) found.push(index);
  }
  return found;
}
