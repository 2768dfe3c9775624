import { shardNaming } from '../../model/shards/shard-names.ts';
import type { StateDict } from '../../model/state-dict.ts';
import type { Format, Likelihood, MetadataPlace, Writer } from '../format.ts';
import { isTorchTar, kindOf } from './magic.ts';

const EXTENSIONS = ['.pt', '.pth', '.bin', '.ckpt', '.pkl'];
const SHARDS = shardNaming('bin');
const FIRST_MEMBER_BYTES = 256;

/**
 * PyTorch: zip archives (`torch.save` since 1.6, TorchScript), the legacy row of pickles before and the tar files before that, single
 * and sharded (`*.bin.index.json`). Reads names, shapes, places
 * and plain values; reads no tensor data, and runs nothing the pickles name.
 * Specified by `torch/serialization.py`.
 */
export const pytorch: Format & Writer = {
  id: 'pytorch',
  label: 'PyTorch',
  extensions: [...EXTENSIONS, '.bin.index.json'],
  probe,
  gather: SHARDS.gather,
  holds: 'tensors',
  keepsTies: true,
  metadataPlaces: listPlaces,
  load: async () => {
    const [{ read }, { write }, { save }] = await Promise.all([
      import('./read.ts'),
      import('./write.ts'),
      import('./save.ts'),
    ]);
    return { read, write, save };
  },
};

/** Versions of modules are an attribute of an OrderedDict. Shards, and files of torch before 1.6, are not written anew. */
function listPlaces({ files, formatVersion, nodes }: StateDict): readonly MetadataPlace[] {
  const isOne = files.filter(({ part }) => part !== 'companion' && part !== 'sidecar').length === 1;
  const [path] = [...nodes].find(([, { container }]) => container === 'OrderedDict') ?? [];
  if (!isOne || path === undefined || !formatVersion?.startsWith('zip')) return [];
  return [{ section: '_metadata', holds: 'json', ...(path !== '' && { under: `${path}.` }) }];
}

function probe(head: Uint8Array, name: string): Likelihood {
  switch (kindOf(head)) {
    case 'legacy':
    case 'preview':
      return 'yes';
    case 'tar':
      return isTorchTar(head) ? 'yes' : 'no';
    case 'zip': {
      const first = String.fromCharCode(...head.subarray(30, FIRST_MEMBER_BYTES));
      if (first.includes('data.pkl')) return 'yes';
      // Other zips are asked of the formats that know them; any of them may hold a data.pkl further on.
      return EXTENSIONS.some((extension) => name.toLowerCase().endsWith(extension)) ? 'yes' : 'maybe';
    }
    case 'other':
      return SHARDS.looksLikeIndex(head, name) ? 'yes' : 'no';
  }
}
