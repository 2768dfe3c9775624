import type { KeyPath } from './key.ts';

/** Text that a syntax does not understand: one part, nothing lost. */
export const wholeText = (raw: string): KeyPath => ({ parts: [raw], kinds: ['unknown'], raw });
