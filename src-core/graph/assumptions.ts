import { StateglassError } from '../base/errors.ts';
import { PrintedModel, type PrintedModule } from './printed.ts';

/** What weights do not tell. The same names in the page, the terminal and the library. */
export const ASSUMPTION_NAMES = [
  'kind',
  'activation',
  'combine',
  'heads',
  'kv_heads',
  'head_dim',
  'qkv_order',
  'rope_theta',
  'rope_style',
  'rope_dim',
  'rope_factor',
  'max_distance',
  'eps',
  'causal',
  'window',
  'softcap',
  'logit_softcap',
  'logit_scale',
  'top_k',
  'norm_topk_prob',
  'stride',
  'padding',
  'dilation',
  'groups',
  'pool',
  'norm_first',
  'parallel',
  'transposed',
  'layout',
  'scale',
  'norm_scale',
  'embedding_scale',
  'momentum',
  'labels',
  'weights',
] as const;
export type AssumptionName = (typeof ASSUMPTION_NAMES)[number];

export type AssumedValue = number | string | boolean;

/** Where an assumption comes from, the surest first. */
export type AssumptionSource = 'user' | 'file' | 'shape' | 'name' | 'default';

export interface Assumption {
  /** Module it is about; '' is the module that was lowered. */
  readonly path: string;
  readonly name: AssumptionName;
  readonly value: AssumedValue;
  readonly source: AssumptionSource;
  /** The end of the sentence "… because …". */
  readonly why: string;
  /** The only values there are; absent for a number that can be any. */
  readonly choices?: readonly AssumedValue[];
  /** It is a size for each axis: a number, or a text such as `2x1`; or one of the choices. */
  readonly isSizes?: true;
}

/** The same assumption of several modules. */
export interface AssumptionGroup extends Omit<Assumption, 'path'> {
  readonly paths: readonly string[];
}

/** Assumptions that are the same, for the same reason, as one; in the order in which each came first. */
export function groupAssumptions(assumptions: readonly Assumption[]): readonly AssumptionGroup[] {
  const groups = new Map<string, AssumptionGroup>();
  for (const { path, ...rest } of assumptions) {
    const key = JSON.stringify([rest.name, rest.value, rest.source, rest.why]);
    const known = groups.get(key);
    groups.set(key, { ...rest, paths: [...(known?.paths ?? []), path] });
  }
  return [...groups.values()];
}

/** A correction: of every module that asks, or of one and what is below it. */
export interface Correction {
  readonly path?: string;
  readonly name: AssumptionName;
  readonly value: AssumedValue;
}

export interface Guess<T extends AssumedValue> {
  readonly value: T;
  readonly source: Exclude<AssumptionSource, 'user'>;
  readonly why: string;
  readonly choices?: readonly T[];
  readonly isSizes?: true;
}

/** What is said of the model beside its weights: the parsed `config.json`, GGUF metadata under the names of one, a printed module. */
export interface Facts {
  readonly config?: Readonly<Record<string, unknown>>;
  /** `repr(model)` of PyTorch, where a file carries it. */
  readonly printed?: string;
}

/** Answers what a lowering has to assume, and keeps what it answered. */
export class Assumptions {
  private readonly corrections: readonly Correction[];
  readonly facts: Facts;
  private readonly printed: PrintedModel;
  private readonly answered = new Map<string, Assumption>();
  /** What was guessed, before corrections. */
  private readonly guessed = new Map<string, { path: string; name: AssumptionName; guess: Guess<AssumedValue> }>();
  private readonly suggested = new Map<string, Guess<AssumedValue>>();

  /** @param place path in the document of the module that is lowered. */
  constructor(corrections: readonly Correction[] = [], facts: Facts = {}, place = '') {
    this.corrections = corrections;
    this.facts = facts.config ? { ...facts, config: withPart(facts.config, place) } : facts;
    this.printed = new PrintedModel(facts.printed, place);
  }

  get made(): readonly Assumption[] {
    return [...this.answered.values()];
  }

  /**
   * The value of an assumption: the nearest correction of the person, or else the guess.
   *
   * @throws `bad-input` when a correction is of another type or not among the choices.
   */
  ask<T extends AssumedValue>(path: string, name: AssumptionName, own: Guess<T>): T {
    const key = keyOf(path, name);
    const guess = surer(own, this.suggested.get(key));
    this.guessed.set(key, { path, name, guess });
    const correction = this.correctionOf(path, name);
    const value = correction === undefined ? guess.value : checked(path, name, correction.value, guess);
    const made: Assumption = correction
      ? { path, ...guess, name, value, source: 'user', why: 'you said so' }
      : { path, name, ...guess };
    this.answered.set(key, made);
    return value;
  }

  /** What a module knows of one inside it. It counts where that one has no fact as sure. */
  suggest<T extends AssumedValue>(path: string, name: AssumptionName, guess: Guess<T>): void {
    this.suggested.set(keyOf(path, name), guess);
  }

  /** What a person says of it; undefined when nothing. */
  corrected(path: string, name: AssumptionName): AssumedValue | undefined {
    return this.correctionOf(path, name)?.value;
  }

  /** Asks of one module and those inside what was asked of another that is made alike. False when an answer differs. */
  repeat(from: string, to: string): boolean {
    let alike = true;
    for (const [key, { path, name, guess }] of [...this.guessed]) {
      if (path !== from && !path.startsWith(`${from}.`)) continue;
      const value = this.ask(`${to}${path.slice(from.length)}`, name, guess);
      alike &&= value === this.answered.get(key)?.value;
    }
    return alike;
  }

  /** A number of the config under any of its names; undefined when there is none. */
  configNumber(...names: readonly string[]): number | undefined {
    const found = names.map((name) => this.facts.config?.[name]).find((value) => typeof value === 'number');
    return found as number | undefined;
  }

  configText(...names: readonly string[]): string | undefined {
    const found = names.map((name) => this.facts.config?.[name]).find((value) => typeof value === 'string');
    return found as string | undefined;
  }

  configFlag(...names: readonly string[]): boolean | undefined {
    const found = names.map((name) => this.facts.config?.[name]).find((value) => typeof value === 'boolean');
    return found as boolean | undefined;
  }

  /** How a module was made, where the model is printed in the file. */
  printedAt(path: string): PrintedModule | undefined {
    return this.printed.find(path);
  }

  /** Forgets what was answered since `count` assumptions were made: for what was only tried. */
  forget(count: number): void {
    for (const key of [...this.answered.keys()].slice(count)) this.answered.delete(key);
  }

  /** The longest path that holds this module wins; of equals the later. */
  private correctionOf(path: string, name: AssumptionName): Correction | undefined {
    let best: Correction | undefined;
    for (const correction of this.corrections) {
      if (correction.name !== name || !holds(correction.path, path)) continue;
      if (best === undefined || (correction.path?.length ?? -1) >= (best.path?.length ?? -1)) best = correction;
    }
    return best;
  }
}

/** Models of texts and images keep what is said of each of their parts in an object of its own. */
function withPart(config: Readonly<Record<string, unknown>>, place: string): Readonly<Record<string, unknown>> {
  const part = config[/(^|\.)vis(ion|ual)/.test(place) ? 'vision_config' : 'text_config'];
  return typeof part === 'object' && part !== null ? { ...config, ...part } : config;
}

const keyOf = (path: string, name: AssumptionName): string => `${path}\u0000${name}`;

const SURENESS: readonly AssumptionSource[] = ['user', 'file', 'shape', 'name', 'default'];

/** The surer of two guesses, with the choices of the first. */
function surer<T extends AssumedValue>(own: Guess<T>, other: Guess<AssumedValue> | undefined): Guess<T> {
  if (!other || SURENESS.indexOf(other.source) >= SURENESS.indexOf(own.source)) return own;
  const value = other.value as T;
  if (own.choices && !own.choices.includes(value) && !(own.isSizes && isSizes(value))) return own;
  return { ...own, value, source: other.source, why: other.why };
}

const holds = (outer: string | undefined, path: string): boolean =>
  outer === undefined || outer === path || outer === '' || path.startsWith(`${outer}.`);

const isSizes = (value: AssumedValue): boolean =>
  typeof value === 'number' ? Number.isInteger(value) && value >= 0 : /^\d{1,6}(x\d{1,6})*$/.test(String(value));

function checked<T extends AssumedValue>(path: string, name: AssumptionName, value: AssumedValue, guess: Guess<T>): T {
  const where = path === '' ? name : `${path}.${name}`;
  if (guess.isSizes && isSizes(value)) return value as T;
  if (guess.isSizes && !guess.choices?.includes(value as T))
    throw new StateglassError({
      kind: 'bad-input',
      detail: `${where} is a size for each axis (2, or 2x1), not ${value}`,
    });
  if (typeof value !== typeof guess.value)
    throw new StateglassError({ kind: 'bad-input', detail: `${where} is a ${typeof guess.value}, not ${value}` });
  if (guess.choices && !guess.choices.includes(value as T))
    throw new StateglassError({
      kind: 'bad-input',
      detail: `${where} cannot be ${value}: it is one of ${guess.choices.join(', ')}`,
    });
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new StateglassError({ kind: 'bad-input', detail: `${where} is a finite number` });
  return value as T;
}
