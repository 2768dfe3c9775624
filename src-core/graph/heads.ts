import type { AssumptionName, Assumptions, Guess } from './assumptions.ts';
import { notRunnable } from './build.ts';
import type { ModuleNode } from './module-node.ts';

export interface Heads {
  readonly heads: number;
  readonly kvHeads: number;
  /** Features of a head. */
  readonly headDim: number;
}

export interface Projected {
  /** Features of queries, and those of keys, all heads together. */
  readonly q: number;
  readonly kv: number;
  /** Features of a head, where a weight has them. */
  readonly headDim?: number;
  /** What they mostly are in models of this kind. */
  readonly usual?: { readonly headDim: number; readonly why: string };
}

/**
 * How many heads. From weights alone one number is free: with the heads of queries, the features of a head and the heads of keys
 * follow from shapes.
 */
export function askHeads(module: ModuleNode, projected: Projected, assume: Assumptions): Heads {
  const { q, kv } = projected;
  const choices = countChoices(q, kv);
  if (choices.length === 0)
    throw notRunnable(
      module,
      `its queries have ${q} features and its keys ${kv}: no number of heads divides both`,
      'Look at the shapes of its projections',
    );
  const heads = assume.ask(module.path, 'heads', { ...guessHeads(module, projected, choices, assume), choices });
  const headDim = q / heads;
  const follows = (name: AssumptionName, value: number, why: string): number =>
    assume.ask(module.path, name, { value, source: 'shape', why, choices: [value] });
  follows('head_dim', headDim, `${heads} heads have ${q} features`);
  const kvHeads = follows('kv_heads', kv / headDim, `keys have ${kv} features, ${headDim} a head`);
  return { heads, kvHeads, headDim };
}

function countChoices(q: number, kv: number): number[] {
  const choices: number[] = [];
  for (let heads = 1; heads <= q; heads++) {
    const headDim = q / heads;
    const kvHeads = kv / headDim;
    if (Number.isInteger(headDim) && Number.isInteger(kvHeads) && heads % kvHeads === 0) choices.push(heads);
  }
  return choices;
}

const HEADS = ['num_attention_heads', 'n_head', 'num_heads', 'n_heads', 'encoder_attention_heads', 'attention_heads'];
const HEAD_DIMS = ['head_dim', 'd_kv', 'attention_head_dim'];

function guessHeads(
  { path }: ModuleNode,
  { q, kv, headDim, usual: known }: Projected,
  choices: readonly number[],
  assume: Assumptions,
): Guess<number> {
  const said = assume.corrected(path, 'head_dim');
  if (typeof said === 'number' && choices.includes(q / said))
    return { value: q / said, source: 'shape', why: `heads of ${said} features fit its ${q}` };
  const saidKv = assume.corrected(path, 'kv_heads');
  if (typeof saidKv === 'number' && choices.includes((q * saidKv) / kv))
    return { value: (q * saidKv) / kv, source: 'shape', why: `${saidKv} heads of keys have ${kv} features` };
  if (headDim !== undefined && choices.includes(q / headDim))
    return { value: q / headDim, source: 'shape', why: `a weight in it has the ${headDim} features of a head` };
  const configured = assume.configNumber(...HEADS);
  if (configured !== undefined && choices.includes(configured))
    return { value: configured, source: 'file', why: 'the config says so' };
  const configuredDim = assume.configNumber(...HEAD_DIMS);
  if (configuredDim !== undefined && choices.includes(q / configuredDim))
    return { value: q / configuredDim, source: 'file', why: `the config says a head has ${configuredDim} features` };
  if (known && choices.includes(q / known.headDim)) return { value: q / known.headDim, source: 'name', why: known.why };
  // BERT, GPT-2 and ViT have 64 whatever their width; Llama, Mistral and Qwen of billions of parameters have 128.
  const sizes = q >= 3072 ? [128, 64, 96, 80] : [64, 128, 96, 80];
  const usual = [...sizes, 32, 16, 8, 4, 2].find((size) => choices.includes(q / size) && q / size > 1);
  const value = usual === undefined ? choices.at(-1)! : q / usual;
  const why = `heads mostly have 64 features, 128 in large models, fewer in small ones: here ${q / value}`;
  return { value, source: 'default', why };
}
