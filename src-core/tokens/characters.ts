import { StateglassError } from '../base/errors.ts';

/** Tokens that are characters: token i stands for `vocabulary[i]`. */
export function encodeCharacters(vocabulary: readonly string[], text: string): number[] {
  const ids = new Map(vocabulary.map((character, id) => [character, id]));
  return [...text].map((character, at) => {
    const id = ids.get(character);
    if (id === undefined)
      throw new StateglassError({
        kind: 'bad-input',
        detail: `${JSON.stringify(character)} is not in the vocabulary of ${vocabulary.length} characters`,
        at,
      });
    return id;
  });
}
