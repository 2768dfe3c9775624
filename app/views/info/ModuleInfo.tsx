import { Fragment } from 'react';
import { dtypeLabel, NODE_FLAG } from '../../../src-core/index.ts';
import { labelOf } from '../../state/tree-labels.ts';
import { goTo } from '../../state/workspace.ts';
import { Guess } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, Facts } from '../../ui/Card.tsx';
import { bytesText, exactBytes, exactCount, percentText, shortCount } from '../../ui/format.ts';
import type { Target } from '../view.ts';
import s from './info.module.css';

/** Children shown in the list; the tree shows the rest. */
const CHILDREN = 200;

export function ModuleInfo({ target }: { readonly target: Target }) {
  const { document, node } = target;
  const { tree } = document;
  const kind = tree.kind[node]!;
  const dtype = tree.dtype[node]!;
  const children: number[] = [];
  const end = tree.end[node]!;
  let count = 0;
  for (let child = node + 1; child < end; child = tree.end[child]!) {
    count++;
    if (children.length < CHILDREN) children.push(child);
  }
  const total = tree.bytes[node]!;
  return (
    <>
      <Card title="Module" wide>
        <Facts
          columns
          facts={[
            kind > 0 && [
              'Kind',
              <Fragment key="kind">
                {tree.kinds[kind]} <Guess title="From names and shapes: the file does not say" />
              </Fragment>,
            ],
            ['Entries below', exactCount(tree.entries[node]!)],
            tree.params[node]! > 0 && ['Parameters', exactCount(tree.params[node]!)],
            ['Bytes', exactBytes(total)],
            document.summary.bytes > 0 && ['Share of the document', percentText(total / document.summary.bytes)],
            (dtype > 0 || tree.params[node]! > 0) && [
              'Type of its tensors',
              dtype > 0 ? dtypeLabel(tree.dtypes[dtype - 1]!) : 'mixed',
            ],
            (tree.flags[node]! & NODE_FLAG.duplicate) !== 0 && ['Name', 'occurs more than once here'],
          ]}
        />
      </Card>
      <Card title="Contents" aside={`${exactCount(count)} inside`} wide>
        <ul className={s.contents}>
          {children.map((child) => (
            <li key={child}>
              <i style={{ width: `${total > 0 ? (tree.bytes[child]! / total) * 100 : 0}%` }} aria-hidden="true" />
              <Button look="link" onClick={() => goTo(document.id, child)}>
                <span className="mono">{labelOf(tree, child) || '(empty)'}</span>
              </Button>
              <span className={s.childKind}>{tree.kind[child]! > 0 ? tree.kinds[tree.kind[child]!] : ''}</span>
              <span className="mono">{tree.params[child]! > 0 ? shortCount(tree.params[child]!) : ''}</span>
              <span className="mono">{bytesText(tree.bytes[child]!)}</span>
            </li>
          ))}
        </ul>
        {count > children.length && (
          <p className={s.more}>and {exactCount(count - children.length)} more in the tree</p>
        )}
      </Card>
    </>
  );
}
