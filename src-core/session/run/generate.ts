import { StateglassError, throwIfAborted } from '../../base/errors.ts';
import type { ModuleTree } from '../../model/module-tree.ts';
import { drawNumbers } from '../../tensor/random.ts';
import { flowText } from '../../tokens/text-flow.ts';
import type { Document } from '../document.ts';
import { logSoftmax } from './compare-outputs.ts';
import { readEndTokens } from './end-tokens.ts';
import type { ModuleRuns } from './module-runs.ts';
import { TokenSteps, type TokenStepsOptions } from './token-steps.ts';
import { readTokeniser } from './tokeniser.ts';

export interface GenerateRequest extends TokenStepsOptions {
  /** Ids of the text to go on with; one at least. */
  readonly prompt: readonly number[];
  /** Tokens to add. */
  readonly count: number;
  /** 0, the likeliest each time, when absent; above it a token is drawn from softmax(logits ÷ temperature). */
  readonly temperature?: number;
  /** Of what is drawn; 0 when absent. */
  readonly seed?: number;
  /** Whether it goes on behind a token that ends a text, as `eos_token_id` of the config or of GGUF metadata names it. */
  readonly ignoreEnd?: boolean;
}

export interface GeneratedToken {
  readonly id: number;
  /** What the model gave it, of 1, without temperature. */
  readonly share: number;
  /** What it adds to the text, where the document has a tokeniser: nothing while a character is not whole. */
  readonly text?: string;
  /** The text ends with it: none comes behind it. */
  readonly ends?: true;
  /** From the step before, in milliseconds; of the first one, the prompt's. */
  readonly time: number;
}

/**
 * Goes on with a text, token by token, until it ends or has as many as were asked for. Where the model knows only so many positions and they are used up, it goes on from the
 * latter half of what it saw.
 *
 * @throws as `TokenSteps.start` and `take`.
 */
export async function* generateTokens(
  document: Document,
  tree: ModuleTree,
  request: GenerateRequest,
  runs: ModuleRuns,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedToken> {
  const { prompt, count, temperature = 0, seed = 0 } = request;
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    throw new StateglassError({ kind: 'bad-input', detail: `a temperature is 0 or more, not ${temperature}` });
  const tokeniser = await readTokeniser(document, signal).catch(() => undefined);
  const flow = tokeniser && flowText(tokeniser, prompt);
  const ends = request.ignoreEnd ? undefined : await readEndTokens(document, signal);
  const steps = await TokenSteps.start(document, tree, request, runs, signal);
  try {
    const text = prompt.slice(-Math.max(1, Math.min(steps.most, prompt.length)));
    let next = text;
    for (let made = 0; made < count; made++) {
      throwIfAborted(signal);
      if (steps.length + next.length > steps.most) {
        steps.clear();
        next = text.slice(-Math.max(1, Math.floor(steps.most / 2)));
      }
      const begun = performance.now();
      const shares = logSoftmax(await steps.take(next));
      const id = temperature === 0 ? likeliest(shares) : drawToken(shares, temperature, seed, made);
      text.push(id);
      next = [id];
      const time = performance.now() - begun;
      const isEnd = ends?.has(id) === true;
      yield { id, share: Math.exp(shares[id]!), ...(flow && { text: flow(id) }), ...(isEnd && { ends: true }), time };
      if (isEnd) return;
    }
  } finally {
    await steps.release();
  }
}

function likeliest(shares: Float64Array): number {
  let best = 0;
  for (let id = 1; id < shares.length; id++) if (shares[id]! > shares[best]!) best = id;
  return best;
}

function drawToken(shares: Float64Array, temperature: number, seed: number, place: number): number {
  const logarithms = logSoftmax(shares.map((share) => share / temperature));
  let rest = drawNumbers({ kind: 'uniform', seed, low: 0, high: 1 }, place, place + 1)[0]!;
  for (let id = 0; id < logarithms.length; id++) {
    rest -= Math.exp(logarithms[id]!);
    if (rest < 0) return id;
  }
  return likeliest(logarithms);
}
