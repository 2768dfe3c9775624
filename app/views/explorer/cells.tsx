import type { ReactNode } from 'react';
import {
  dtypeLabel,
  familyOf,
  type ModuleTree,
  NO_SHAPE,
  NO_TYPE,
  NODE_FLAG,
  ROLE_ORDER,
  ROW_FLAG,
  VALUE_ORDER,
} from '../../../src-core/index.ts';
import { labelOf } from '../../state/tree-labels.ts';
import { endOfRun, isRun, nodeOfRow, soleRun } from '../../state/tree-rows.ts';
import { Badge, Guess, Times, toneOf } from '../../ui/Badge.tsx';
import { bytesText, exactCount, shapeText, shortCount } from '../../ui/format.ts';
import { KeyRound, Link2, TriangleAlert } from '../../ui/icons.ts';
import s from './explorer.module.css';

/**
 * Cells of tree and table: each takes a row id and reads the columns; nothing is kept per row. They are functions, not
 * components: a scroll through half a million rows draws hundreds of them a frame.
 */

export function nameCell(tree: ModuleTree, marked: Uint16Array, id: number): ReactNode {
  const node = nodeOfRow(id);
  if (isRun(id)) {
    const last = lastOfRun(tree, node);
    return (
      <>
        <span className={s.module}>
          {labelOf(tree, node)} … {labelOf(tree, last)}
        </span>
        <Times count={tree.repeat[node]!} />
      </>
    );
  }
  const flags = marked[node]!;
  const isModule = tree.entry[node]! < 0;
  const times = soleRun(tree, node);
  const label = labelOf(tree, node);
  return (
    <>
      <span className={isModule ? s.module : `mono ${s.leaf}`} title={label}>
        {label === '' ? <i className={s.quiet}>(empty)</i> : label}
      </span>
      {times > 0 && <Times count={times} />}
      {(flags & ROW_FLAG.tied) !== 0 && (
        <Link2 size={12} className={s.tied} role="img" aria-label="shares its storage" />
      )}
      {(flags & ROW_FLAG.secret) !== 0 && (
        <KeyRound size={12} className={s.warn} role="img" aria-label="looks like a credential" />
      )}
      {(flags & ROW_FLAG.edited) !== 0 && <i className={s.edited} role="img" aria-label="edited" />}
      {(flags & (ROW_FLAG.edited | NODE_FLAG.editedBelow)) === NODE_FLAG.editedBelow && (
        <i className={s.editedBelow} role="img" aria-label="edited below" />
      )}
      {(flags & ROW_FLAG.problem) !== 0 && (
        <TriangleAlert size={12} className={s.warn} role="img" aria-label="has a problem" />
      )}
      {(flags & (ROW_FLAG.problem | NODE_FLAG.problemBelow)) === NODE_FLAG.problemBelow && (
        <TriangleAlert size={11} className={s.warnBelow} role="img" aria-label="has a problem below" />
      )}
    </>
  );
}

function lastOfRun(tree: ModuleTree, head: number): number {
  let node = head;
  const end = endOfRun(tree, head);
  while (tree.end[node]! < end) node = tree.end[node]!;
  return node;
}

/** What a module is, or an entry's role. A guessed role is outlined. */
export function kindCell(tree: ModuleTree, id: number): ReactNode {
  const node = nodeOfRow(id);
  const kind = tree.kind[node]!;
  if (kind > 0) return <span className={s.kind}>{tree.kinds[kind]}</span>;
  if (isRun(id) || tree.entry[node]! < 0) return null;
  const role = ROLE_ORDER[tree.role[node]!] ?? 'unknown';
  if (role === 'unknown' || role === 'parameter') return null;
  const guessed = (tree.flags[node]! & ROW_FLAG.guessedRole) !== 0;
  return guessed ? (
    <Guess title={`${role}: a guess, the file does not say`}>{role}</Guess>
  ) : (
    <span className={s.kind}>{role}</span>
  );
}

/** Dtype of a tensor, or of all tensors below; the value type of the rest. */
export function typeCell(tree: ModuleTree, id: number): ReactNode {
  const node = nodeOfRow(id);
  const code = tree.dtype[node]!;
  const dtype = code > 0 ? tree.dtypes[code - 1] : undefined;
  const isModule = tree.entry[node]! < 0;
  if (dtype !== undefined) {
    if (isModule) return <span className={`mono ${s.quiet}`}>{dtypeLabel(dtype)}</span>;
    const label = dtypeLabel(dtype);
    return (
      <Badge tone={toneOf(familyOf(dtype))} title={label}>
        {label}
      </Badge>
    );
  }
  const type = tree.type[node]!;
  if (isModule || type === NO_TYPE) return null;
  const name = VALUE_ORDER[type] ?? '';
  return (
    <Badge tone={toneOf(name)} title={name}>
      {name}
    </Badge>
  );
}

export function shapeCell(tree: ModuleTree, id: number): ReactNode {
  const node = nodeOfRow(id);
  const index = tree.shape[node]!;
  if (isRun(id) || index === NO_SHAPE) return null;
  const text = shapeText(tree.shapes[index] ?? []);
  return (
    <span className={`mono ${s.soft}`} title={text}>
      {text}
    </span>
  );
}

export function paramsCell(tree: ModuleTree, id: number): ReactNode {
  return amount(tree, id, tree.params, shortCount, exactCount);
}

export function bytesCell(tree: ModuleTree, id: number): ReactNode {
  return amount(tree, id, tree.bytes, bytesText, (bytes) => `${exactCount(bytes)} bytes`);
}

/** An entry's own amount, or the total of what is below. An alias is counted at its owner. */
function amount(
  tree: ModuleTree,
  id: number,
  column: Float64Array,
  short: (value: number) => string,
  exact: (value: number) => string,
): ReactNode {
  const node = nodeOfRow(id);
  const isModule = isRun(id) || tree.entry[node]! < 0;
  if (!isModule && (tree.flags[node]! & ROW_FLAG.alias) !== 0) {
    return (
      <span className={`mono ${s.quiet}`} title="Counted where the storage is first used">
        —
      </span>
    );
  }
  const value = isRun(id) ? runTotal(tree, node, column) : column[node]!;
  if (value === 0 && (isModule || tree.dtype[node] === 0)) return null;
  return (
    <span className={isModule ? `mono ${s.soft}` : 'mono'} title={exact(value)}>
      {short(value)}
    </span>
  );
}

function runTotal(tree: ModuleTree, head: number, column: Float64Array): number {
  let total = 0;
  const end = endOfRun(tree, head);
  for (let node = head; node < end; node = tree.end[node]!) total += column[node]!;
  return total;
}
