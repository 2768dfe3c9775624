import {
  type Document,
  type GenerateRequest,
  generateTokens,
  type ModuleRuns,
  type ModuleTree,
  type Tokeniser,
} from '../src-core/index.ts';

/** A text that goes on, token by token as they are made; as JSON all at once: `{prompt, tokens: [{id, text?, share}]}`. */
export async function generate(
  document: Document,
  tree: ModuleTree,
  request: GenerateRequest,
  runs: ModuleRuns,
  tokeniser: Tokeniser | undefined,
  json: boolean,
): Promise<void> {
  const out = process.stdout;
  if (!json) out.write(tokeniser?.decode(request.prompt) ?? request.prompt.join(' '));
  const tokens: { id: number; text?: string; share: number }[] = [];
  for await (const { id, share, text } of generateTokens(document, tree, request, runs)) {
    if (!json) out.write(text ?? ` ${id}`);
    else tokens.push({ id, ...(text !== undefined && { text }), share });
  }
  out.write(json ? `${JSON.stringify({ prompt: request.prompt, tokens })}\n` : '\n');
}
