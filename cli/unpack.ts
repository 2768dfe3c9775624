import { findPacked, planUnpack, wordPacking } from '../src-core/index.ts';
import { applyEdits, type EditOptions, editFile } from './edit-file.ts';

/** `unpack FILE [KEY…]`: weights in the place of their codes, scales and zero points; all that are packed, or those named. */
export async function unpack(file: string, keys: readonly string[], options: EditOptions): Promise<void> {
  await editFile(file, options, async (document) => {
    const args = await planUnpack(document, keys.length > 0 ? keys : undefined);
    const edited = applyEdits(document, [{ op: 'unpack', args }]);
    const wanted = new Set(keys);
    const weights = findPacked(document.state, args).filter(({ key }) => wanted.size === 0 || wanted.has(key));
    return {
      document: edited,
      lines: [
        edited.log.edits.at(-1)?.title ?? '',
        ...weights.map((weight) => `  ${weight.key}: ${wordPacking(weight)}`),
      ],
      more: { unpacked: weights.map(({ key, scheme, bits, group }) => ({ key, scheme, bits, group: group ?? null })) },
    };
  });
}
