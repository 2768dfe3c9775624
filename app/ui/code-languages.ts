/** Small grammars for what state dicts hold: prompts as Markdown or Jinja, values as JSON or TOML. */
export type Language = 'plaintext' | 'markdown' | 'jinja' | 'json' | 'toml' | 'yaml';

export interface Colours {
  readonly comment: string;
  readonly string: string;
  readonly number: string;
  readonly keyword: string;
  readonly key: string;
  readonly tag: string;
  readonly strong: string;
}

type Rule =
  | readonly [RegExp, string]
  | readonly [RegExp, string, string]
  | readonly [RegExp, { cases: Record<string, string> }];
type Grammar = { defaultToken?: string; keywords?: string[]; tokenizer: Record<string, Rule[]> };

const JINJA_WORDS =
  'for endfor if elif else endif set endset block endblock macro endmacro filter endfilter include import from extends raw endraw call endcall with endwith in not and or is true false none recursive loop namespace';

const inside = (close: RegExp): Rule[] => [
  [close, 'tag', '@pop'],
  [/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/, 'string.key'],
  [/\d+(?:\.\d+)?/, 'number'],
  [/[A-Za-z_]\w*/, { cases: { '@keywords': 'keyword', '@default': 'variable' } }],
  [/[^\s\w"'%}]+|[%}]/, 'delimiter'],
];

const JINJA: Grammar = {
  defaultToken: '',
  keywords: JINJA_WORDS.split(' '),
  tokenizer: {
    root: [
      [/\{#/, 'comment', '@comment'],
      [/\{%[-+]?/, 'tag', '@statement'],
      [/\{\{[-+]?/, 'tag', '@expression'],
      [/^#{1,6} .*$/, 'keyword.md'],
      [/<\|[^|>\n]{1,40}\|>/, 'number'],
      [/[^{<#]+/, ''],
      [/./, ''],
    ],
    comment: [
      [/#\}/, 'comment', '@pop'],
      [/[^#]+|#/, 'comment'],
    ],
    statement: inside(/[-+]?%\}/),
    expression: inside(/[-+]?\}\}/),
  },
};

const JSON_GRAMMAR: Grammar = {
  tokenizer: {
    root: [
      [/"(?:[^"\\]|\\.)*"(?=\s*:)/, 'string.key'],
      [/"(?:[^"\\]|\\.)*"?/, 'string'],
      [/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\b(?:NaN|Infinity)\b/, 'number'],
      [/\b(?:true|false|null)\b/, 'keyword'],
      [/\/\/.*$|\/\*.*?\*\//, 'comment'],
      [/[{}[\],:]/, 'delimiter'],
    ],
  },
};

const TOML: Grammar = {
  tokenizer: {
    root: [
      [/#.*$/, 'comment'],
      [/^\s*\[\[?[^\]]*\]\]?/, 'tag'],
      [/"""/, 'string', '@basic'],
      [/'''/, 'string', '@literal'],
      [/(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?=\s*(?:=|\.))/, 'string.key'],
      [/"(?:[^"\\]|\\.)*"|'[^']*'/, 'string'],
      [/\b(?:true|false|inf|nan)\b/, 'keyword'],
      [/[-+]?\d[\d_.:TZeE+-]*/, 'number'],
      [/[{}[\],=.]/, 'delimiter'],
    ],
    basic: [
      [/"""/, 'string', '@pop'],
      [/[^"\\]+|\\.|"/, 'string'],
    ],
    literal: [
      [/'''/, 'string', '@pop'],
      [/[^']+|'/, 'string'],
    ],
  },
};

const GRAMMARS = { jinja: JINJA, json: JSON_GRAMMAR, toml: TOML };

/** As the editor wants it; its own type wants mutable arrays throughout. */
export const grammarOf = (language: keyof typeof GRAMMARS) =>
  GRAMMARS[language] as unknown as { tokenizer: Record<string, [RegExp, string][]> };

/** What a text most likely is. A wrong guess costs only colours. */
export function guessLanguage(text: string): Language {
  const head = text.slice(0, 20_000);
  if (/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/.test(head)) return 'jinja';
  const trimmed = head.trimStart();
  if (/^[[{]/.test(trimmed) && isJson(text)) return 'json';
  return 'markdown';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
