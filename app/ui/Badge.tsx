import type { ReactNode } from 'react';
import s from './Badge.module.css';

/** The colour families: of dtypes, and of the values that are not tensors. */
export type Tone = 'float' | 'half' | 'int' | 'byte' | 'quant' | 'words' | 'plain' | 'good' | 'warn' | 'bad' | 'accent';

interface BadgeProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly title?: string;
}

export function Badge({ tone, title, children }: BadgeProps) {
  return (
    <span className={s.badge} data-tone={tone} title={title}>
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
  block: 'quant',
  text: 'words',
  json: 'words',
};

/** Tone of a dtype family (`half`, `quant`…) or of a value type (`text`, `json`…). */
export const toneOf = (familyOrType: string): Tone => FAMILY_TONES[familyOrType] ?? 'plain';

/** Marks what no file said. */
export function Guess({ title, children = 'a guess' }: { readonly title?: string; readonly children?: ReactNode }) {
  return (
    <span className={s.guess} title={title}>
      {children}
    </span>
  );
}

/** ×12: how often a block repeats. */
export function Times({ count }: { readonly count: number }) {
  return (
    <span className={s.times} title={`${count} alike blocks`}>
      ×{count}
    </span>
  );
}
