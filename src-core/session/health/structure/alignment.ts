import type { Problem, Storage } from '../../../model/state-dict.ts';
import { bitsOf } from '../../../tensor/dtype.ts';
import type { HealthFacts } from '../facts.ts';

/**
 * Tensors in a PyTorch zip that begin at no multiple of their element size, as in files whose members were packed again by
 * another program: one note for all. The legacy format cannot be mapped at all; safetensors is looked at by its reader.
 */
export function* checkAlignment({ document }: HealthFacts): Iterable<Problem> {
  const { state } = document;
  if (state.format !== 'pytorch' || !state.formatVersion?.includes('zip')) return;
  let count = 0;
  let example: Problem | undefined;
  for (let row = 0; row < state.entries.length; row++) {
    const { id, key, value } = state.entries.at(row);
    if (value.type !== 'tensor' || value.storage === undefined) continue;
    const width = Math.max(1, (bitsOf(value.dtype) ?? 8) / 8);
    const slice = storedSlice(state.storages.get(value.storage));
    const at = slice && slice.offset + value.offset * width;
    if (!slice || at === undefined || at % width === 0) continue;
    count++;
    example ??= {
      code: 'misaligned',
      severity: 'note',
      message: `${key} begins at byte ${at} of the file, which is no multiple of its element size of ${width} bytes`,
      advice:
        'Programs that map the file into memory (torch.load with mmap=True, MAX) copy such tensors or refuse them. torch.save aligns to 64 bytes: load and save it again.',
      entry: id,
      file: slice.file,
      at,
    };
  }
  if (example) yield { ...example, message: `${example.message}${count > 1 ? `; so do ${count - 1} others` : ''}.` };
}

/** Where a storage lies plainly in a file. */
function storedSlice(storage: Storage | undefined) {
  const slice = storage?.data.kind === 'slices' ? storage.data.slices[0] : undefined;
  return slice?.codec === undefined ? slice : undefined;
}
