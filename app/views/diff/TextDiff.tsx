import type { EntryDetail } from '../../state/engine.ts';
import type { SideNames } from '../../state/pair-parts.ts';
import { textOfValue } from '../../state/value-text.ts';
import { guessLanguage } from '../../ui/code-languages.ts';
import { DiffEditor } from '../../ui/DiffEditor.tsx';
import { Empty } from '../../ui/States.tsx';
import s from './diff.module.css';

interface TextDiffProps {
  readonly left: EntryDetail;
  readonly right: EntryDetail;
  readonly names: SideNames;
}

/** Two texts, or values that are read as text, with what went and what came. */
export function TextDiff({ left, right, names }: TextDiffProps) {
  const [valueA, valueB] = [left.entry.value, right.entry.value];
  const [before, after] = [textOfValue(valueA), textOfValue(valueB)];
  if (before === after && valueA.type === valueB.type)
    return <Empty title="The same on both sides">Not a letter differs. The Text tab shows it.</Empty>;
  return (
    <div className={s.words}>
      {valueA.type !== valueB.type && (
        <p className={s.note}>
          In {names[0]} it is {valueA.type}, in {names[1]} {valueB.type}.
        </p>
      )}
      <div className={s.sheet}>
        <DiffEditor
          before={before}
          after={after}
          language={valueB.type === 'text' ? guessLanguage(after) : 'json'}
          label={`Difference of ${right.entry.key}`}
          sideBySide
          fill
        />
      </div>
    </div>
  );
}
