import type { Problem } from '../../../src-core/index.ts';

export type Severity = Problem['severity'];
/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];
export const PLURALS: Readonly<Record<Severity, string>> = { error: 'Errors', warning: 'Warnings', note: 'Notes' };

/** Problems of one kind: they matter for the same reason, and the same is to be done. */
export interface Group {
  readonly id: string;
  readonly severity: Severity;
  readonly code: string;
  readonly title: string;
  /** What all of them advise; undefined when each says its own. */
  readonly advice: string | undefined;
  readonly problems: readonly Problem[];
}

export function groupProblems(problems: readonly Problem[]): readonly Group[] {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const id = `${problem.severity} ${problem.code}`;
    const group = groups.get(id);
    if (group) group.push(problem);
    else groups.set(id, [problem]);
  }
  const rank = (group: Group) => SEVERITIES.indexOf(group.severity);
  return [...groups].map(([id, members]) => makeGroup(id, members)).sort((a, b) => rank(a) - rank(b));
}

function makeGroup(id: string, problems: readonly Problem[]): Group {
  const { severity, code, advice } = problems[0] as Problem;
  const isShared = problems.every((problem) => problem.advice === advice);
  return { id, severity, code, title: titleOf(code), advice: isShared ? advice : undefined, problems };
}

/** Codes that do not read as words. */
const TITLES: Readonly<Record<string, string>> = {
  nan: 'NaN',
  infinite: 'Infinite values',
  'not-nfc': 'Accents in two pieces',
  'not-utf8': 'Not UTF-8',
  'config-shape': 'Config of another shape',
  'config-layers': 'Config of another depth',
  'tied-mismatch': 'Tied tensors that differ',
  'weight-map': 'Index and shards disagree',
  'total-size': 'Total size of the index',
  'odd-dtype': 'Odd element type',
  'all-zero': 'Zeros throughout',
  'zero-tail': 'Zeros to the end',
  denormal: 'Denormal values',
  tail: 'Bytes behind the end',
  'toml-1.1': 'TOML 1.1',
  'toml-none': 'None as text',
  'yaml-versions': 'YAML 1.1 or 1.2',
  'yaml-keys': 'Keys that are no texts',
  'yaml-tags': 'YAML tags',
  'yaml-code': 'Tags that call code',
  'yaml-documents': 'Several documents',
  'yaml-control': 'Control characters',
  'msgflux-nested': 'Nested keys',
  'past-2-53': 'Past 2^53',
};

function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return TITLES[code] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** A key of one letter may be a word of the sentence: then only quotes tell. */
const WORD_MAX = 3;

/** What stands before and after the first mention of a key in a sentence; the sentence alone where there is none. */
export function cutAtKey(message: string, key: string): readonly [before: string, after?: string] {
  const quoted = message.indexOf(JSON.stringify(key));
  if (quoted >= 0) return [message.slice(0, quoted), message.slice(quoted + JSON.stringify(key).length)];
  if (message.startsWith(`${key} `)) return ['', message.slice(key.length)];
  if (key.length <= WORD_MAX) return [message];
  for (let at = message.indexOf(key); at >= 0; at = message.indexOf(key, at + 1)) {
    const [before, after] = [message.slice(0, at), message.slice(at + key.length)];
    if (!/[\w.]$/.test(before) && !/^(\w|\.\w)/.test(after)) return [before, after];
  }
  return [message];
}
