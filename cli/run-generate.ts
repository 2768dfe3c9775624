import {
  type Document,
  type GeneratedToken,
  type GenerateRequest,
  generateTokens,
  type ModuleRuns,
  type ModuleTree,
  type Tokeniser,
} from '../src-core/index.ts';

/** A text that goes on, token by token as they are made; without the token that ends it; as JSON all at once: `{prompt, tokens: [{id, text?, share, ends?}]}`. */
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
  const tokens: Omit<GeneratedToken, 'time'>[] = [];
  for await (const { time: _, ...token } of generateTokens(document, tree, request, runs)) {
    if (json) tokens.push(token);
    else if (!token.ends) out.write(token.text ?? ` ${token.id}`);
  }
  out.write(json ? `${JSON.stringify({ prompt: request.prompt, tokens })}\n` : '\n');
}
