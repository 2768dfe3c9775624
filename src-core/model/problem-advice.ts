import type { Problem } from './state-dict.ts';

const FETCH_AGAIN = 'The download or copy probably stopped early: fetch the file again and compare its size or hash.';
const SAVE_AGAIN = 'No loader takes it. Save it again from the program that has the model, or fetch the file again.';

/** Why it matters and what to do, by code: the same for every format, where its reader has nothing more particular to say. */
const ADVICE: Readonly<Record<string, string>> = {
  truncated: FETCH_AGAIN,
  outside: FETCH_AGAIN,
  'missing-storage': FETCH_AGAIN,
  'outside-storage': `Its values cannot be read, and torch.load refuses the file. ${FETCH_AGAIN}`,
  'malformed-storage': SAVE_AGAIN,
  'unknown-storage': 'What follows it cannot be found, so torch.load refuses the file. Fetch the file again.',
  'malformed-tensor': SAVE_AGAIN,
  'not-a-tensor': SAVE_AGAIN,
  'bad-offsets': SAVE_AGAIN,
  'shape-overflow': 'The header is damaged, or the file means harm: it was made to exhaust memory. Do not load it.',
  'size-mismatch': `Its values would be read wrongly. ${SAVE_AGAIN}`,
  overlap:
    'The reference library refuses such a file. If tensors are tied on purpose, save them with save_model, which keeps one and declares the other; otherwise fetch the file again.',
  'duplicate-member': 'Programs differ in which one they read, so they may see other values. Save the file again.',
  'odd-name': 'A program that unpacks the archive would write outside its folder. Do not unpack it.',
  'prepended-data': 'torch.load refuses such a file. Cut the bytes off, or ask where the file comes from.',
  'trailing-data': 'Loaders ignore them. If the file should end there, something was added to it.',
  'bad-shard': 'Its tensors cannot be listed. Fetch that shard again; the others are not concerned.',
  'unsafe-name': 'An index of that kind reads files of whoever opens it. Do not use it with programs that trust it.',
  'weight-map':
    'Loaders look where the index says, and fail or leave the tensor out. Write the index again from the shards.',
  'not-in-index': 'Loaders that follow the index leave it out. Write the index again if it belongs to the model.',
  'total-size': 'Only estimates of memory use it. Write the index again when convenient.',
  'lone-surrogate': 'It cannot be written as UTF-8, so other programs refuse it or change it. Rename it.',
  circular: 'It is shown once. Programs that copy or convert it may not come to an end.',
  repeated: 'The file repeats it many times, which few programs survive; it was probably made to exhaust memory.',
  'too-deep':
    'What is inside is not shown. Real checkpoints do not nest so: do not load the file before you know who made it.',
  hole: 'Loaders pass over such bytes. If nobody put them there on purpose, the file was put together wrongly, or hides something.',
  unaligned: 'llama.cpp refuses such a file. Write it again with its own tools.',
  'broken-block': 'Its values cannot be told apart, and llama.cpp refuses the file. Quantise the model again.',
  'bad-shape': 'The header is damaged, or the file means harm: it was made to exhaust memory. Do not load it.',
  'bad-offset': FETCH_AGAIN,
  'bad-chunks': SAVE_AGAIN,
  'bad-chunk': `The array cannot be read as a whole. ${FETCH_AGAIN}`,
  'duplicate-key':
    'Programs differ in which one they read, so they may see other values. Write the file again with one of them.',
  'odd-key': 'The library that has this format writes no such thing, and may refuse it. Ask where the file comes from.',
  'no-fields': 'There is nothing to do: NumPy opens it too, and shows nothing.',
  'unreadable-array': SAVE_AGAIN,
  'unread-array': SAVE_AGAIN,
  'not-read': 'The rest of the file is not concerned. Look at it with NumPy.',
  'bad-tensor': 'Its values cannot be read, and runtimes refuse the model. Export it again, or fetch the file again.',
  'missing-chunk':
    'Nothing is wrong with that: chunks of nothing but the fill value are often left out. If values were expected, the checkpoint was not finished.',
  'missing-array': 'The tree names it, and its data are not in the folder. Copy the whole folder again.',
  'not-in-tree': 'It is shown all the same. Restoring by the tree leaves it out.',
  'split-count': 'Loaders want all parts of a split model: open them together.',
  'long-name': 'llama.cpp refuses names of 64 bytes and more. Rename it.',
  'yaml-documents': 'Most programs read only the first of them. Give each a file of its own if they are meant apart.',
  'yaml-keys': 'Programs that want texts as keys may not find it. Put quotes around it.',
  'yaml-control': 'Take the character out, or write it as an escape between double quotes.',
  'yaml-tags': 'Its value is shown as it stands. Programs without that tag refuse the file.',
  'mixed-line-ends': 'Editors and version control may rewrite all lines. Settle on one kind.',
};

/** A problem with advice: its reader's, or what is said of its kind. */
export function withAdvice(problem: Problem): Problem {
  const advice = problem.advice ?? ADVICE[problem.code];
  return advice === undefined ? problem : { ...problem, advice };
}
