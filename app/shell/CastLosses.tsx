import { useEffect, useRef, useState } from 'react';
import type { CastAnswer, DocumentId } from '../state/engine.ts';
import { countCastLosses, wordWrong } from '../state/tensor-editing.ts';
import { Button } from '../ui/Button.tsx';
import { exactCount, percentText } from '../ui/format.ts';
import dialogs from './dialogs.module.css';
import s from './TensorDialog.module.css';

interface CastLossesProps {
  readonly document: DocumentId;
  readonly keys: readonly string[];
  readonly dtype: string;
}

type Count = { readonly share: number } | { readonly answer: CastAnswer } | { readonly wrong: string };

/** What a cast makes other numbers of, counted over all values when it is asked for. Mounted anew for each question. */
export function CastLosses({ document, keys, dtype }: CastLossesProps) {
  const [count, setCount] = useState<Count | null>(null);
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  const start = async () => {
    const asked = new AbortController();
    controller.current = asked;
    setCount({ share: 0 });
    try {
      const answer = await countCastLosses(document, keys, dtype, asked.signal, (share) => setCount({ share }));
      setCount({ answer });
    } catch (error) {
      setCount(asked.signal.aborted ? null : { wrong: wordWrong(error) });
    }
  };
  if (!count)
    return (
      <div>
        <Button onClick={() => void start()}>Count what is lost</Button>
      </div>
    );
  if ('share' in count)
    return (
      <div className={s.counting}>
        <Button onClick={() => controller.current?.abort()}>Cancel</Button>
        <span className={dialogs.note}>Reading all values: {percentText(count.share)}</span>
      </div>
    );
  if ('wrong' in count)
    return (
      <p className={dialogs.note} data-bad role="alert">
        {count.wrong}
      </p>
    );
  const { words, entries, more } = count.answer;
  return (
    <section className={s.losses} aria-label="What is lost">
      <p role="status">{words.charAt(0).toUpperCase() + words.slice(1)}.</p>
      {entries.length > 1 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled list must be reachable by keyboard
        <ul className={`${dialogs.list} ${s.pairs}`} aria-label="Tensors that lose something" tabIndex={0}>
          {entries.map(({ key, words: lost }) => (
            <li key={key}>
              <span className="mono">{key}</span>
              <span>{lost}</span>
            </li>
          ))}
          {more > 0 && <li>and {exactCount(more)} more</li>}
        </ul>
      )}
    </section>
  );
}
