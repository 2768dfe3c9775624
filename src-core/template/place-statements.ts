import { tagOf } from './check-tags.ts';
import type { Block } from './scan-blocks.ts';
import { nodesOf, type Syntax } from './syntax.ts';

/** Where the statements of a program stand: the parser keeps no places, but they come in the order of their blocks. */
export interface Places {
  readonly lines: ReadonlyMap<Syntax, number>;
  /** Those that write their value into the text. */
  readonly outputs: ReadonlySet<Syntax>;
}

export function placeStatements(program: Syntax, blocks: readonly Block[]): Places {
  const lines = new Map<Syntax, number>();
  const outputs = new Set<Syntax>();
  let next = 0;
  const tag = () => (blocks[next] ? tagOf(blocks[next]!) : undefined);
  const walk = (body: readonly Syntax[]) => {
    for (const node of body) place(node);
  };
  const place = (node: Syntax): void => {
    const block = blocks[next++];
    if (!block) return;
    lines.set(node, block.line);
    if (block.kind === 'expression') outputs.add(node);
    if (node.type === 'If') placeBranches(node);
    else if (node.type === 'For') {
      walk(nodesOf(node, 'body'));
      if (tag() === 'else') next++;
      walk(nodesOf(node, 'defaultBlock'));
    } else if (node.type === 'Set' ? node.value !== null : !Array.isArray(node.body)) return;
    else walk(nodesOf(node, 'body'));
    next++;
  };
  const placeBranches = (node: Syntax): void => {
    walk(nodesOf(node, 'body'));
    const [first] = nodesOf(node, 'alternate');
    if (tag() === 'elif' && first) {
      lines.set(first, blocks[next++]!.line);
      placeBranches(first);
    } else if (tag() === 'else') {
      next++;
      walk(nodesOf(node, 'alternate'));
    }
  };
  walk(nodesOf(program, 'body'));
  return { lines, outputs };
}
