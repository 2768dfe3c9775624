import { ROLE_ORDER } from './state-dict.ts';

/**
 * Flat checkpoints do not say which tensor is trained and which is a buffer. These last labels are registered as buffers
 * by PyTorch's own modules (BatchNorm, observers, spectral norm) and by the model code most checkpoints come from.
 * `weight_v` is left out: spectral norm has it as a buffer, weight norm as a parameter.
 */
const BUFFER_LABELS: readonly string[] = [
  'running_mean',
  'running_var',
  'num_batches_tracked',
  'inv_freq',
  'original_inv_freq',
  'freqs_cis',
  'cos_cached',
  'sin_cached',
  'position_ids',
  'token_type_ids',
  'relative_position_index',
  'masked_bias',
  'causal_mask',
  'attn_mask',
  'weight_u',
  'weight_mask',
  'min_val',
  'max_val',
  'anchor_grid',
];
const BUFFER_PREFIX = 'rotary';

const LABEL_SET: ReadonlySet<string> = new Set(BUFFER_LABELS);
const toBytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const PREFIX_BYTES = toBytes(BUFFER_PREFIX);
/** Candidates by length: most labels have none and cost one look. */
const BY_LENGTH: (readonly Uint8Array[] | undefined)[] = [];
for (const label of BUFFER_LABELS) BY_LENGTH[label.length] = [...(BY_LENGTH[label.length] ?? []), toBytes(label)];

const PARAMETER = ROLE_ORDER.indexOf('parameter');
const BUFFER = ROLE_ORDER.indexOf('buffer');

/** What a tensor probably is, by the last part of its key. A guess: `roleSource` is `heuristic`. */
export function guessRole(lastLabel: string): 'parameter' | 'buffer' {
  return LABEL_SET.has(lastLabel) || lastLabel.startsWith(BUFFER_PREFIX) ? 'buffer' : 'parameter';
}

/** The same for the UTF-8 label at [start, end) of `bytes`: its position in ROLE_ORDER. Makes no string. */
export function guessRoleCode(bytes: Uint8Array, start: number, end: number): number {
  if (startsWith(bytes, start, end, PREFIX_BYTES)) return BUFFER;
  for (const label of BY_LENGTH[end - start] ?? []) if (startsWith(bytes, start, end, label)) return BUFFER;
  return PARAMETER;
}

function startsWith(bytes: Uint8Array, start: number, end: number, label: Uint8Array): boolean {
  if (end - start < label.length) return false;
  for (let i = 0; i < label.length; i++) if (bytes[start + i] !== label[i]) return false;
  return true;
}
