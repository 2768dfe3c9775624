import { StateglassError } from '../base/errors.ts';
import type { Tokeniser } from './tokeniser.ts';

/** Tokens that are characters: token i stands for `vocabulary[i]`. */
export function characterTokeniser(vocabulary: readonly string[]): Tokeniser {
  const ids = new Map(vocabulary.map((character, id) => [character, id]));
  return {
    kind: 'characters',
    size: vocabulary.length,
    encode: (text) =>
      [...text].map((character, at) => {
        const id = ids.get(character);
        if (id === undefined)
          throw new StateglassError({
            kind: 'bad-input',
            detail: `${JSON.stringify(character)} is not in the vocabulary of ${vocabulary.length} characters`,
            at,
          });
        return id;
      }),
    decode: (given) => given.map((id) => vocabulary[id] ?? '').join(''),
    name: (id) => vocabulary[id],
  };
}
