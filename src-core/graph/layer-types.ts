/** Layers of one model that hold the same and are computed otherwise: some look at the tokens just before only. */
import type { Assumptions, Guess } from './assumptions.ts';
import { gemmaOf } from './gemma.ts';
import type { ModuleNode } from './module-node.ts';

/** Whether the layer that a module is of slides a window over the text. Undefined where nothing says that any does. */
export function slides(module: ModuleNode, assume: Assumptions): Guess<boolean> | undefined {
  const index = indexOf(module);
  const type = index === undefined ? undefined : typesOf(assume)?.[index];
  const gemma = gemmaOf(module, assume);
  const configured = assume.configNumber('sliding_window') ?? 0;
  if (typeof type === 'string' && (configured > 0 || gemma?.generation === 3))
    return { value: type === 'sliding_attention', source: 'file', why: `the config says ${type} of its layer` };
  if (gemma && gemma.generation > 1) {
    const every = gemma.generation === 2 ? 2 : (assume.configNumber(...PATTERNS) ?? 6);
    const value = index !== undefined && (index + 1) % every !== 0;
    return {
      value,
      source: gemma.source,
      why: `one in ${every} layers of Gemma ${gemma.generation} sees all, the others do not`,
    };
  }
  if (configured === 0 || assume.configFlag('use_sliding_window') === false) return undefined;
  const first = assume.configFlag('use_sliding_window') ? (assume.configNumber('max_window_layers') ?? 0) : 0;
  return { value: (index ?? 0) >= first, source: 'file', why: 'the config says so' };
}

const PATTERNS = ['sliding_window_pattern', '_sliding_window_pattern'];

function typesOf({ facts }: Assumptions): readonly unknown[] | undefined {
  const types = facts.config?.layer_types;
  return Array.isArray(types) ? types : undefined;
}

/** Its number in the list of layers. */
function indexOf({ place }: ModuleNode): number | undefined {
  const number = place.split('.').findLast((label) => /^\d+$/.test(label));
  return number === undefined ? undefined : Number(number);
}

/** What tells a layer from others that hold the same: those are not lowered together. */
export const describeType = (module: ModuleNode, assume: Assumptions): string =>
  slides(module, assume)?.value ? 'slides' : '';

/** How many tokens up to itself a token sees; 0 for all of them. */
export function askWindow(module: ModuleNode, features: number, assume: Assumptions): number {
  const sliding = slides(module, assume);
  if (!sliding && assume.corrected(module.path, 'window') === undefined) return 0;
  const why = sliding?.why ?? 'nothing says that it sees a part of the text only';
  const value = sliding?.value ? (assume.configNumber('sliding_window') ?? usualWindow(module, features, assume)) : 0;
  return assume.ask(module.path, 'window', { value, source: sliding?.source ?? 'default', why });
}

/** That of Gemma 2; of Gemma 3 the models of a billion parameters and fewer have a smaller one. */
const usualWindow = (module: ModuleNode, features: number, assume: Assumptions): number =>
  gemmaOf(module, assume)?.generation === 2 ? 4096 : isSmallGemma3(features) ? 512 : 1024;

/** Gemma 3 of 270 million and of a billion parameters: 640 and 1152 features. */
export const isSmallGemma3 = (features: number): boolean => features < 2048;
