/** What the runtime says of a model that it does not take, as sentences. */
import { StateglassError, toErrorInfo } from '../../base/errors.ts';
import { notRunnable } from '../../graph/build.ts';

/** What cannot be run is the whole file. */
const ALL = { path: '' };
const ELSEWHERE = 'ONNX Runtime in another language may have it';
const OLDER = 'Export it for an older opset, or convert it with onnx.version_converter';

type Word = (found: readonly string[]) => readonly [why: string, advice: string];

const WORDS: readonly (readonly [RegExp, Word])[] = [
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    ([, is, most]) => [`it is of IR version ${is}, and the runtime here takes up to ${most}`, OLDER],
  ],
  [
    /Opset (\d+) is under development.*domain (\S+) is till opset (\d+)/s,
    ([, is, domain, most]) => [`it is of opset ${is} of ${domain}, and the runtime here takes up to ${most}`, OLDER],
  ],
  [
    /No Op registered for (\S+)|(\S+) is not a registered function\/op/,
    ([, first, second]) => [`the runtime here does not know the operator ${first ?? second}`, ELSEWHERE],
  ],
  [
    /Could not find an implementation for (\S+?)\((\d+)\) node with name '([^']*)'/,
    ([, op, opset, node]) => [
      `the runtime here has no kernel for ${op} (opset ${opset}), which node ${node} needs`,
      ELSEWHERE,
    ],
  ],
  [
    /sparse.*(?:not (?:supported|enabled)|disabled)/is,
    () => ['the runtime here does not take sparse tensors', ELSEWHERE],
  ],
  [
    /bad_alloc|out of memory|Tensor shape is too large|Array buffer allocation failed|memory access out of bounds/i,
    () => ['the runtime ran out of memory', 'Give it a smaller sample'],
  ],
  [
    /running (\w+) node\. Name:\s*'([^']*)' Status Message: (.*)/s,
    ([, op, node, said]) => [`${op} ${node} fails: ${cleanWords(said ?? '')}`, 'Its inputs may need other sizes'],
  ],
];

/** The same error where it is one of ours; else what is wrong, in a sentence. */
export function wordRuntimeError(error: unknown): StateglassError {
  const info = toErrorInfo(error);
  if (info.kind !== 'internal') return new StateglassError(info, { cause: error });
  const said = info.detail;
  const [, sample] = /(Got invalid dimensions for input: .*|Invalid rank for input: .*)/s.exec(said) ?? [];
  if (sample !== undefined) return new StateglassError({ kind: 'bad-input', detail: cleanWords(sample) });
  for (const [pattern, word] of WORDS) {
    const found = pattern.exec(said);
    if (found) return notRunnable(ALL, ...word(found));
  }
  return notRunnable(ALL, `the runtime says: ${cleanWords(said)}`, 'Look at the node that it names');
}

const MOST_CHARACTERS = 300;

/** Without places in the runtime's own source, and not too long. */
function cleanWords(text: string): string {
  const clean = text
    .replace(/Can't create a session\. /g, '')
    .replace(/ERROR_CODE: \d+, ERROR_MESSAGE: /g, '')
    .replace(/(?:\/[\w.+-]+)+\.(?:cc|h|cpp)(?::\d+)?/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.\s]+$/, '');
  return clean.length > MOST_CHARACTERS ? `${clean.slice(0, MOST_CHARACTERS)}…` : clean;
}
