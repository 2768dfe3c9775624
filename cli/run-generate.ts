import {
  type Document,
  type GenerateRequest,
  generateTokens,
  type ModuleTree,
  type RunFacts,
  type Runner,
} from '../src-core/index.ts';

/** A text that goes on, token by token as they are made; as JSON all at once: `{prompt, tokens: [{id, text?, share}]}`. */
export async function generate(
  document: Document,
  tree: ModuleTree,
  request: GenerateRequest,
  runner: Runner,
  { vocabulary }: RunFacts,
  json: boolean,
): Promise<void> {
  const wordOf = (id: number): string => vocabulary?.[id] ?? ` ${id}`;
  const out = process.stdout;
  if (!json) out.write(request.prompt.map(wordOf).join(''));
  const tokens: { id: number; text?: string; share: number }[] = [];
  for await (const { id, share } of generateTokens(document, tree, request, runner)) {
    if (!json) out.write(wordOf(id));
    else tokens.push({ id, ...(vocabulary && { text: wordOf(id) }), share });
  }
  out.write(json ? `${JSON.stringify({ prompt: request.prompt, tokens })}\n` : '\n');
}
