import { useEffect, useRef, useState } from 'react';
import s from './CodeEditor.module.css';
import { type Colours, grammarOf, type Language } from './code-languages.ts';

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

type Monaco = typeof import('monaco-editor/editor/editor.api.js');
type Editor = ReturnType<Monaco['editor']['create']>;

/** Texts on their way out and back: more keystrokes than come between a pause and its answer. */
const TOLD_KEPT = 64;

let loading: Promise<Monaco> | undefined;

/** Loads the editor once, when the first text is shown: it is larger than the rest of the page together. */
function loadMonaco(): Promise<Monaco> {
  loading ??= (async () => {
    const [monaco, worker] = await Promise.all([
      import('monaco-editor/editor/editor.api.js'),
      import('monaco-editor/editor/editor.worker.js?worker'),
      import('monaco-editor/features/codeEditor/register.js'),
      import('monaco-editor/features/find/register.js'),
      import('monaco-editor/features/clipboard/register.js'),
      import('monaco-editor/features/contextmenu/register.js'),
      import('monaco-editor/features/folding/register.js'),
      import('monaco-editor/features/bracketMatching/register.js'),
      import('monaco-editor/features/wordHighlighter/register.js'),
      import('monaco-editor/features/codicon/register.js'),
      import('monaco-editor/languages/definitions/markdown/register.js'),
    ]);
    globalThis.MonacoEnvironment = { getWorker: () => new worker.default() };
    for (const language of ['json', 'jinja', 'toml'] as const) {
      monaco.languages.register({ id: language });
      monaco.languages.setMonarchTokensProvider(language, grammarOf(language));
    }
    return monaco;
  })();
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

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

  useEffect(() => {
    const observer = new MutationObserver(() => void loadMonaco().then(dressLike));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }, []);

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

/** The page's own tokens as the editor's theme. */
function dressLike(monaco: Monaco): void {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => longHex(style.getPropertyValue(`--${name}`).trim());
  const bare = (name: string) => token(name).slice(1);
  const rules: Colours = {
    comment: bare('faint'),
    string: bare('text'),
    number: bare('int'),
    keyword: bare('byte'),
    key: bare('float'),
    tag: bare('quant'),
    strong: bare('accent'),
  };
  monaco.editor.defineTheme('stateglass', {
    base: document.documentElement.dataset.theme === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: 'comment', foreground: rules.comment },
      { token: 'string', foreground: rules.string },
      { token: 'string.key', foreground: rules.key },
      { token: 'number', foreground: rules.number },
      { token: 'keyword', foreground: rules.keyword },
      { token: 'keyword.md', foreground: rules.strong, fontStyle: 'bold' },
      { token: 'strong', foreground: bare('text'), fontStyle: 'bold' },
      { token: 'variable', foreground: rules.tag },
      { token: 'tag', foreground: rules.tag },
      { token: 'delimiter', foreground: bare('soft') },
    ],
    colors: {
      'editor.background': token('panel'),
      'editor.foreground': token('text'),
      'editorLineNumber.foreground': token('faint'),
      'editorLineNumber.activeForeground': token('soft'),
      'editorGutter.background': token('panel'),
      'editorIndentGuide.background1': token('line'),
      'editor.selectionBackground': token('select'),
      'editorWidget.background': token('raised'),
      'editorWidget.border': token('line-strong'),
      focusBorder: token('accent'),
    },
  });
  monaco.editor.setTheme('stateglass');
}

/** `#fff` → `#ffffff`: the editor's theme takes only the long form. */
const longHex = (hex: string): string => (hex.length === 4 ? `#${[...hex.slice(1)].map((d) => d + d).join('')}` : hex);
