import { useEffect, useRef, useState } from 'react';
import s from './CodeEditor.module.css';
import type { Language } from './code-languages.ts';
import { dressLike, loadMonaco, type Monaco } from './monaco.ts';

interface CodeEditorProps {
  readonly text: string;
  readonly language: Language;
  readonly wrap: boolean;
  readonly label: string;
  /** Told every text that is typed; without it the text is read-only. */
  readonly onType?: ((text: string) => void) | undefined;
  /** The focus went elsewhere. */
  readonly onLeave?: (() => void) | undefined;
}

type Editor = ReturnType<Monaco['editor']['create']>;

/** Texts on their way out and back: more keystrokes than come between a pause and its answer. */
const TOLD_KEPT = 64;

/** Text with colours, wrap, folding and find. Shows the plain text at once, and keeps it where the editor cannot load. */
export function CodeEditor({ text, language, wrap, label, onType, onLeave }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const latest = useRef({ text, language, wrap, label, onType, onLeave });
  latest.current = { text, language, wrap, label, onType, onLeave };
  /** What was typed and told: it comes back as `text`, perhaps when more was typed already. */
  const told = useRef(new Set<string>());
  const isEditable = onType !== undefined;

  useEffect(() => {
    let gone = false;
    let made: Editor | undefined;
    loadMonaco()
      .then((monaco) => {
        if (gone || !host.current) return;
        dressLike(monaco);
        const now = latest.current;
        made = monaco.editor.create(host.current, {
          value: now.text,
          language: now.language,
          wordWrap: now.wrap ? 'on' : 'off',
          ariaLabel: now.label,
          theme: 'stateglass',
          readOnly: !now.onType,
          domReadOnly: !now.onType,
          automaticLayout: true,
          minimap: { enabled: false },
          scrollBeyondLastLine: false,
          renderLineHighlight: 'none',
          fontFamily: 'JetBrains Mono Variable, monospace',
          fontSize: 12.5,
          lineHeight: 20,
          padding: { top: 10, bottom: 12 },
          lineNumbersMinChars: 3,
          overviewRulerLanes: 0,
          stickyScroll: { enabled: false },
          unicodeHighlight: { ambiguousCharacters: false, nonBasicASCII: false },
          // Tab leaves the text, as it leaves every other field.
          tabFocusMode: true,
          links: false,
          // Line ends are data.
          trimAutoWhitespace: false,
          autoClosingBrackets: 'never',
          autoClosingQuotes: 'never',
          quickSuggestions: false,
          occurrencesHighlight: 'off',
        });
        const model = made.getModel();
        made.onDidChangeModelContent(({ isFlush }) => {
          const typed = model?.getValue();
          if (isFlush || typed === undefined) return;
          told.current.add(typed);
          if (told.current.size > TOLD_KEPT) told.current.delete(told.current.values().next().value as string);
          latest.current.onType?.(typed);
        });
        made.onDidBlurEditorText(() => latest.current.onLeave?.());
        setEditor(made);
      })
      .catch(() => undefined);
    return () => {
      gone = true;
      made?.getModel()?.dispose();
      made?.dispose();
    };
  }, []);

  useEffect(() => {
    const model = editor?.getModel();
    if (!editor || !model) return;
    if (model.getValue() === text) told.current.clear();
    else if (!told.current.has(text)) {
      told.current.clear();
      editor.setValue(text);
      editor.setScrollTop(0);
    }
    void loadMonaco().then((monaco) => {
      if (!model.isDisposed()) monaco.editor.setModelLanguage(model, language);
    });
    editor.updateOptions({
      wordWrap: wrap ? 'on' : 'off',
      ariaLabel: label,
      readOnly: !isEditable,
      domReadOnly: !isEditable,
    });
  }, [editor, text, language, wrap, label, isEditable]);

  return (
    <div className={s.code}>
      <div ref={host} className={s.host} />
      {!editor && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by keyboard
        <section className={s.plain} data-wrap={wrap || undefined} aria-label={label} tabIndex={0}>
          <pre>{text}</pre>
        </section>
      )}
    </div>
  );
}
