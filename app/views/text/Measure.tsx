import { useMemo } from 'react';
import { exactCount, plural } from '../../ui/format.ts';
import { measureText } from './measure.ts';
import s from './text.module.css';

/** How long a text is. */
export function Measure({ text }: { readonly text: string }) {
  const measure = useMemo(() => measureText(text), [text]);
  return (
    <p className={`numbers ${s.measure}`}>
      <span>{plural(measure.characters, 'character')}</span>
      <span>{plural(measure.words, 'word')}</span>
      <span>{plural(measure.lines, 'line')}</span>
      <span title="An estimate by length: about four Latin letters a token. A model's own tokeniser counts differently.">
        ≈ {exactCount(measure.tokens)} tokens (estimate)
      </span>
    </p>
  );
}
