import { notRunnable } from './build.ts';
import { type ModuleNode, tensorsBelow } from './module-node.ts';

/**
 * Refuses a module that holds weights which what is taken for it has not: it would be computed without them.
 *
 * @param parts modules and tensors in it that are computed.
 * @param unused names of direct children that count for nothing.
 * @throws `not-runnable`
 */
export function refuseRest(
  module: ModuleNode,
  parts: readonly { readonly path: string }[],
  unused: readonly string[] = [],
): void {
  const known = parts.map(({ path }) => path);
  const start = module.path === '' ? 0 : module.path.length + 1;
  for (const { path } of tensorsBelow(module).values()) {
    if (known.some((part) => path === part || path.startsWith(`${part}.`))) continue;
    const below = path.slice(start);
    if (unused.includes(below.split('.')[0]!)) continue;
    throw notRunnable(
      module,
      `it holds ${below}, which what it is taken for has not`,
      'Choose a module inside it that is computed by itself',
    );
  }
}
