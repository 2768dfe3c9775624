import { useEffect, useRef } from 'react';
import type { Language } from './code-languages.ts';
import s from './DiffEditor.module.css';
import { dressLike, loadMonaco } from './monaco.ts';

interface DiffEditorProps {
  readonly before: string;
  readonly after: string;
  readonly language: Language;
  readonly label: string;
  /** Side by side where there is room for two; above one another otherwise. */
  readonly sideBySide?: boolean;
  /** As high as its place, not as its text. */
  readonly fill?: boolean;
}

const LINE = 20;
const [LEAST_LINES, MOST_LINES] = [3, 18];

/** Two texts, with what went and what came. Read-only. */
export function DiffEditor({ before, after, language, label, sideBySide = false, fill = false }: DiffEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let gone = false;
    let release = () => {};
    void loadMonaco()
      .then((monaco) => {
        if (gone || !host.current) return;
        dressLike(monaco);
        const editor = monaco.editor.createDiffEditor(host.current, {
          readOnly: true,
          domReadOnly: true,
          originalEditable: false,
          renderSideBySide: sideBySide,
          useInlineViewWhenSpaceIsLimited: true,
          renderSideBySideInlineBreakpoint: 640,
          automaticLayout: true,
          wordWrap: 'on',
          diffWordWrap: 'on',
          minimap: { enabled: false },
          scrollBeyondLastLine: false,
          renderOverviewRuler: false,
          renderMarginRevertIcon: false,
          fontFamily: 'JetBrains Mono Variable, monospace',
          fontSize: 12.5,
          lineHeight: LINE,
          lineNumbersMinChars: 3,
          stickyScroll: { enabled: false },
          unicodeHighlight: { ambiguousCharacters: false, nonBasicASCII: false },
          tabFocusMode: true,
          hideUnchangedRegions: { enabled: true },
        });
        editor.getOriginalEditor().updateOptions({ ariaLabel: `${label}: before` });
        editor.getModifiedEditor().updateOptions({ ariaLabel: `${label}: after` });
        const [original, modified] = [before, after].map((text) => monaco.editor.createModel(text, language));
        editor.setModel({ original: original!, modified: modified! });
        release = () => {
          editor.dispose();
          original?.dispose();
          modified?.dispose();
        };
      })
      .catch(() => undefined);
    return () => {
      gone = true;
      release();
    };
  }, [before, after, language, label, sideBySide]);
  const lines = before.split('\n').length + after.split('\n').length;
  return (
    <div
      ref={host}
      className={s.diff}
      style={{ height: fill ? '100%' : LINE * Math.min(MOST_LINES, Math.max(LEAST_LINES, lines + 1)) }}
    />
  );
}
