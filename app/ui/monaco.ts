import { type Colours, grammarOf } from './code-languages.ts';

export type Monaco = typeof import('monaco-editor/editor/editor.api.js');

let loading: Promise<Monaco> | undefined;

/** Loads the editor once, when the first text is shown: it is larger than the rest of the page together. */
export function loadMonaco(): Promise<Monaco> {
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
      import('monaco-editor/languages/definitions/yaml/register.js'),
    ]);
    globalThis.MonacoEnvironment = { getWorker: () => new worker.default() };
    for (const language of ['json', 'jinja', 'toml'] as const) {
      monaco.languages.register({ id: language });
      monaco.languages.setMonarchTokensProvider(language, grammarOf(language));
    }
    // Every editor follows the page when it turns dark or light.
    const observer = new MutationObserver(() => dressLike(monaco));
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return monaco;
  })();
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

/** The page's own tokens as the editor's theme. */
export function dressLike(monaco: Monaco): void {
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
