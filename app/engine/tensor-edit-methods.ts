import { inspectCast, type ModuleTree, planLora, sumLosses, wordLosses } from '../../src-core/index.ts';
import type { DocumentId, EngineApi } from './api.ts';
import type { LoraAnswer } from './edit-api.ts';
import type { FindHeld, Held } from './held.ts';
import { tellProgress } from './tell-progress.ts';

type TensorEditMethods = Pick<EngineApi, 'inspectCast' | 'planLora' | 'listLoras'>;

/** Entries told of a count of losses, those that lose most in front. */
const TOLD = 50;

const mentionsLora = ({ labelBytes }: ModuleTree): boolean => new TextDecoder().decode(labelBytes).includes('lora');

/** What edits of tensors would come to, beyond what `previewEdit` tells of them. */
export function tensorEditMethods(find: FindHeld, held: ReadonlyMap<DocumentId, Held>): TensorEditMethods {
  return {
    async inspectCast(id, keys, dtype, call = {}) {
      const { document, pool } = find(id);
      const told = await inspectCast(document, keys, dtype, pool, tellProgress('Counting what is lost', call));
      const lossy = told.filter(({ losses: { count: _, maxError: __, ...lost } }) =>
        Object.values(lost).some((number) => number > 0),
      );
      const entries = lossy.slice(0, TOLD).map(({ key, losses }) => ({ key, words: wordLosses(losses, dtype) }));
      return { words: wordLosses(sumLosses(told), dtype), entries, more: lossy.length - entries.length };
    },
    async planLora(id, donor, options): Promise<LoraAnswer> {
      const { state } = find(id).document;
      const { bakes, left } = planLora(state, donor === null ? state : find(donor).document.state, options);
      return {
        bakes: bakes.map(({ key, down, rank, scale, alpha }) => ({
          key,
          down,
          rank,
          scale,
          ...(alpha !== undefined && { alpha }),
        })),
        left,
      };
    },
    async listLoras(id) {
      const { state } = find(id).document;
      return [...held].flatMap(([other, { document, tree }]) => {
        // Asked whenever the palette opens: where no name has it, half a million keys are not looked at.
        if (!mentionsLora(tree)) return [];
        const { bakes } = planLora(state, document.state, { alpha: 'rank' });
        return bakes.length === 0 ? [] : { document: other, count: bakes.length };
      });
    },
  };
}
