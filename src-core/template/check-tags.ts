import type { Block } from './scan-blocks.ts';
import { templateError } from './template-error.ts';

/** What ends what, and what may stand between. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  if: ['elif', 'else', 'endif'],
  for: ['else', 'endfor'],
  macro: ['endmacro'],
  call: ['endcall'],
  filter: ['endfilter'],
  set: ['endset'],
  generation: ['endgeneration'],
};
const ALONE = ['break', 'continue'];
/** Jinja has these too. They name other templates, or are for web pages. */
const NOT_RENDERED = ['include', 'import', 'from', 'extends', 'block', 'with', 'autoescape', 'do', 'trans', 'debug'];

/** The word that a statement begins with. */
export const tagOf = ({ kind, text }: Block): string | undefined =>
  kind === 'statement' ? (/^\s*([A-Za-z_]\w*)/.exec(text)?.[1] ?? '') : undefined;

/**
 * Finds statements that do not belong together, before they are parsed: a person is told where a block begins, not where the text ends.
 *
 * @throws `template`
 */
export function checkTags(blocks: readonly Block[]): void {
  const open: { readonly tag: string; readonly line: number }[] = [];
  for (const block of blocks) {
    const tag = tagOf(block);
    if (tag === undefined || ALONE.includes(tag)) continue;
    const innermost = open.at(-1);
    if (innermost && ENDS[innermost.tag]!.includes(tag)) {
      if (tag.startsWith('end')) open.pop();
    } else if (tag in ENDS) {
      if (tag !== 'set' || !block.text.includes('=')) open.push({ tag, line: block.line });
    } else throw templateError(...wordStray(tag, innermost), block.line);
  }
  const left = open.at(-1);
  if (left) throw templateError('syntax', `{% ${left.tag} %} is never closed by {% end${left.tag} %}`, left.line);
}

function wordStray(
  tag: string,
  innermost: { readonly tag: string; readonly line: number } | undefined,
): ['syntax' | 'unsupported', string] {
  if (NOT_RENDERED.includes(tag)) return ['unsupported', `{% ${tag} %} is Jinja's, and not rendered here`];
  if (!Object.values(ENDS).some((ends) => ends.includes(tag)))
    return ['syntax', `there is no statement called ${tag || 'nothing'}`];
  if (!innermost) return ['syntax', `{% ${tag} %} ends nothing`];
  return ['syntax', `{% ${tag} %} stands in {% ${innermost.tag} %} of line ${innermost.line}, which is not closed`];
}
