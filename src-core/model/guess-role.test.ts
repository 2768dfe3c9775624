import { describe, expect, it } from 'vitest';
import { guessRole, guessRoleCode } from './guess-role.ts';
import { ROLE_ORDER } from './state-dict.ts';

const LABELS = [
  ['running_mean', 'buffer'],
  ['running_var', 'buffer'],
  ['num_batches_tracked', 'buffer'],
  ['inv_freq', 'buffer'],
  ['rotary_emb', 'buffer'],
  ['position_ids', 'buffer'],
  ['weight', 'parameter'],
  ['weight_v', 'parameter'],
  ['bias', 'parameter'],
  ['running_meam', 'parameter'],
  ['xrunning_mean', 'parameter'],
  ['running_mean_', 'parameter'],
  ['rotar', 'parameter'],
  ['', 'parameter'],
  ['é', 'parameter'],
] as const;

describe('the role a last label suggests', () => {
  it.each(LABELS)('%s is a %s', (label, role) => {
    expect(guessRole(label)).toBe(role);
  });

  it.each(LABELS)('says the same of the bytes of %s inside others', (label, role) => {
    const text = new TextEncoder().encode(label);
    const bytes = new Uint8Array([0x61, 0xff, ...text, 0xff, 0x5f]);
    expect(ROLE_ORDER[guessRoleCode(bytes, 2, 2 + text.length)]).toBe(role);
  });
});
