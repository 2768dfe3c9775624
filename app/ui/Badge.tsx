import type { ReactNode } from 'react';
import s from './Badge.module.css';

/** The colour families: of dtypes, and of the values that are not tensors. */
export type Tone = 'float' | 'half' | 'int' | 'byte' | 'quant' | 'words' | 'plain' | 'good' | 'warn' | 'bad' | 'accent';

interface BadgeProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  /** A guess: outlined, not filled. */
  readonly outlined?: boolean;
  readonly title?: string;
}

export function Badge({ tone, outlined, title, children }: BadgeProps) {
  return (
    <span className={s.badge} data-tone={tone} data-outlined={outlined || undefined} title={title}>
      {children}
    </span>
  );
}

const FAMILY_TONES: Readonly<Record<string, Tone>> = {
  float: 'float',
  half: 'half',
  float8: 'byte',
  int: 'int',
  uint: 'int',
  bool: 'plain',
  complex: 'byte',
  quant: 'quant',
  text: 'words',
  json: 'words',
};

/** Tone of a dtype family (`half`, `quant`…) or of a value type (`text`, `json`…). */
export const toneOf = (familyOrType: string): Tone => FAMILY_TONES[familyOrType] ?? 'plain';

/** ×12: how often a block repeats. */
export function Times({ count }: { readonly count: number }) {
  return (
    <span className={s.times} title={`${count} alike blocks`}>
      ×{count}
    </span>
  );
}
