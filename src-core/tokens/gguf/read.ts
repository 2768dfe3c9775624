import { StateglassError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { FileId } from '../../bytes/source.ts';
import type { Tokeniser } from '../tokeniser.ts';
import { makeTokeniser } from '../tokenizer-json.ts';
import { describeByteLevel } from './byte-level.ts';
import { type FoundCut, findCut } from './cuts.ts';
import { describePieces } from './pieces.ts';
import { describeUnigram } from './unigram.ts';
import type { Fields, GgufFacts, GgufLists } from './vocabulary.ts';
import { describeWordPieces } from './word-pieces.ts';

/** What a tokenizer needs of the lists. Reading long ones takes a while. */
export interface GgufPlan {
  readonly needs: readonly (keyof GgufLists)[];
  /** The way of cutting texts, as the file calls it. */
  readonly way: string;
  /** What has to be assumed of it, as a sentence. */
  readonly assumed?: string;
  readonly describe: (lists: GgufLists) => Fields;
}

/**
 * How the tokenizer in the metadata of a GGUF file is made, before a list is read.
 *
 * @throws `unsupported` for kinds that are not known here.
 */
export function planGguf(facts: GgufFacts, file: FileId): GgufPlan {
  const way = facts.model;
  switch (way) {
    case 'gpt2':
      return planByteLevel(facts, findCut(facts), file);
    case 'llama':
    case 'gemma4':
      return { way, needs: ['tokens', 'types', 'scores', 'merges'], describe: (lists) => describePieces(facts, lists) };
    case 'bert':
      return { way, needs: ['tokens', 'types'], describe: (lists) => describeWordPieces(facts, lists) };
    case 't5':
      return { way, needs: ['tokens', 'types', 'scores'], describe: (lists) => describeUnigram(facts, lists) };
    default:
      throw unsupported(file, `its tokenizer is of the kind ${JSON.stringify(facts.model)}, which is not known here`);
  }
}

function planByteLevel(facts: GgufFacts, cut: FoundCut, file: FileId): GgufPlan {
  return {
    way: facts.pre ?? facts.model,
    needs: ['tokens', 'types', 'merges'],
    ...(cut.assumed !== undefined && { assumed: cut.assumed }),
    describe(lists) {
      // Those of tiktoken's kind have none: bytes alone would be what no model was trained on.
      if (lists.merges.length === 0 && lists.tokens.some(isMerged))
        throw unsupported(file, 'its vocabulary has no merges (tokenizer.ggml.merges), so that texts would stay bytes');
      return describeByteLevel(facts, lists, cut);
    },
  };
}

const isMerged = (token: string): boolean => [...token].length > 1 && !/^[<[].*[>\]]$/s.test(token);

/** @throws `unsupported` for a vocabulary that is none, `limit` for one that is too long; what `makeTokeniser` throws. */
export async function makeGgufTokeniser(plan: GgufPlan, lists: GgufLists, file: FileId): Promise<Tokeniser> {
  if (lists.tokens.length === 0) throw unsupported(file, 'its vocabulary has no tokens (tokenizer.ggml.tokens)');
  const characters = lists.tokens.reduce((sum, token) => sum + token.length, 0);
  const max = LIMITS.tokenCharacters;
  if (characters > max) {
    const detail = 'the tokens of its vocabulary are too long';
    throw new StateglassError({ kind: 'limit', file, limit: 'tokenCharacters', value: characters, max, detail });
  }
  return makeTokeniser(plan.describe(lists), file, 'gguf');
}

const unsupported = (file: FileId, detail: string): StateglassError =>
  new StateglassError({ kind: 'unsupported', file, format: 'gguf', detail });
