/** What is not in the weights of rotary position embeddings: asked for, and read from the config. */
import type { Assumptions, Guess } from './assumptions.ts';
import { notRunnable } from './build.ts';
import { gemmaOf } from './gemma.ts';
import { isSmallGemma3, slides } from './layer-types.ts';
import type { ModuleNode } from './module-node.ts';
import type { Rope } from './rope.ts';

/** What the sizes of an attention tell of its positions. */
export interface RopeSizes {
  /** That go into the attention. */
  readonly features: number;
  readonly headDim: number;
}

/** What is usual for attentions that are called so. */
export interface UsualTurn {
  readonly turned?: (headDim: number) => number;
  readonly of: string;
}

/** Asks for the base of the angles, how many features of a head are turned, and how the config stretches positions. */
export function askRope(
  module: ModuleNode,
  style: 'half' | 'interleaved',
  { features, headDim }: RopeSizes,
  usual: UsualTurn,
  assume: Assumptions,
): Rope {
  const facts = readRopeFacts(module, features, assume);
  const { scaling } = facts;
  const number = (name: string): number | undefined => numberIn(scaling, name);
  const theta = assume.ask(module.path, 'rope_theta', facts.theta);
  const turned = askTurned(module, headDim, number('partial_rotary_factor'), usual, assume);
  // As f32 rounds them, step by step: late positions multiply the difference.
  const plain = Array.from({ length: turned / 2 }, (_, i) =>
    Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / turned))),
  );
  const type = scaling.rope_type ?? scaling.type ?? 'default';
  const factor = askFactor(module, type === 'default' ? facts.factor : sayFactor(number('factor') ?? 1), assume);
  if (type === 'default' || type === 'linear')
    return { style, frequencies: plain.map((frequency) => frequency / factor) };
  if (type === 'llama3')
    return {
      style,
      frequencies: plain.map((frequency) =>
        stretchSlow(frequency, {
          factor,
          low: number('low_freq_factor') ?? 1,
          high: number('high_freq_factor') ?? 4,
          context: number('original_max_position_embeddings') ?? 8192,
        }),
      ),
    };
  throw notRunnable(
    module,
    `its config stretches positions by ${type}, which is not computed here`,
    'Run it without its config, if it is to be looked at within its first context length only',
  );
}

const numberIn = (object: Readonly<Record<string, unknown>>, name: string): number | undefined =>
  typeof object[name] === 'number' ? object[name] : undefined;

const sayFactor = (value: number): Guess<number> => ({
  value,
  source: 'file',
  why: 'the config stretches positions so',
});

/** By what positions are divided. Asked for where something says that they are. */
function askFactor({ path }: ModuleNode, guess: Guess<number> | undefined, assume: Assumptions): number {
  if (!guess && assume.corrected(path, 'rope_factor') === undefined) return 1;
  const none: Guess<number> = { value: 1, source: 'default', why: 'positions are counted as they are' };
  return assume.ask(path, 'rope_factor', guess ?? none);
}

/** Features of a head that are turned; those past them stay. */
function askTurned(
  { path }: ModuleNode,
  headDim: number,
  part: number | undefined,
  { turned, of }: UsualTurn,
  assume: Assumptions,
): number {
  const choices = Array.from({ length: Math.floor(headDim / 2) }, (_, i) => 2 * (i + 1));
  const all = choices.at(-1);
  if (all === undefined) return 0;
  const even = (size: number): number => 2 * Math.floor(size / 2);
  const configured = part ?? assume.configNumber('partial_rotary_factor', 'rotary_pct');
  const value = assume.configNumber('rotary_dim') ?? (configured && even(headDim * configured));
  const usual = turned && even(turned(headDim));
  const guess: Guess<number> =
    value !== undefined && choices.includes(value)
      ? { value, source: 'file', why: 'the config says so' }
      : usual !== undefined && choices.includes(usual)
        ? { value: usual, source: 'name', why: `as in ${of}` }
        : { value: all, source: 'default', why: 'most turn all features of a head' };
  return assume.ask(path, 'rope_dim', { ...guess, choices });
}

interface RopeFacts {
  readonly theta: Guess<number>;
  /** `rope_scaling` of a config, or `rope_parameters` that has the base too. */
  readonly scaling: Readonly<Record<string, unknown>>;
  /** What names tell of it, where the config says nothing. */
  readonly factor?: Guess<number>;
}

/** Models whose layers differ have positions for each type of them. */
function readRopeFacts(module: ModuleNode, features: number, assume: Assumptions): RopeFacts {
  const sliding = slides(module, assume);
  const said = (assume.facts.config?.rope_parameters ??
    assume.facts.config?.rope_scaling ??
    {}) as RopeFacts['scaling'];
  const own = said[sliding?.value ? 'sliding_attention' : 'full_attention'];
  const isByType = typeof own === 'object' && own !== null;
  const gemma = gemmaOf(module, assume);
  const file = (value: number): Guess<number> => ({ value, source: 'file', why: 'the config says so' });
  if (gemma?.generation === 3 && !isByType) {
    const name = (value: number, why: string): Guess<number> => ({ value, source: gemma.source, why });
    const configured = assume.configNumber(sliding?.value ? 'rope_local_base_freq' : 'rope_theta');
    if (sliding?.value) return { theta: configured === undefined ? name(1e4, LOCAL) : file(configured), scaling: {} };
    const theta = configured === undefined ? name(1e6, GLOBAL) : file(configured);
    return {
      theta,
      scaling: said,
      ...(!assume.facts.config && { factor: name(isSmallGemma3(features) ? 1 : 8, LONG) }),
    };
  }
  const scaling = isByType ? (own as RopeFacts['scaling']) : said;
  const configured =
    numberIn(scaling, 'rope_theta') ?? assume.configNumber('rope_theta', 'rotary_emb_base', 'rope_base');
  return { theta: configured === undefined ? USUAL_THETA : file(configured), scaling };
}

const USUAL_THETA: Guess<number> = {
  value: 10_000,
  source: 'default',
  why: 'most models turn features by powers of 10,000',
};
const LOCAL = 'layers of Gemma 3 that see a part of the text turn by powers of 10,000';
const GLOBAL = 'layers of Gemma 3 that see all of the text turn by powers of 1,000,000';
const LONG = 'Gemma 3 of 4 billion parameters and more divides positions by 8 where a layer sees all of the text';

interface Stretch {
  readonly factor: number;
  readonly low: number;
  readonly high: number;
  readonly context: number;
}

/** Llama 3.1's: slow angles are divided, quick ones stay, those between are mixed. */
function stretchSlow(frequency: number, { factor, low, high, context }: Stretch): number {
  const wave = (2 * Math.PI) / frequency;
  if (wave < context / high) return frequency;
  if (wave > context / low) return frequency / factor;
  const share = (context / wave - low) / (high - low);
  return ((1 - share) * frequency) / factor + share * frequency;
}
