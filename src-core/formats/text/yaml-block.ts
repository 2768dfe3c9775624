/** A text as lines of their own: `|`, or `>` whose long lines are folded. */
export interface YamlBlock {
  /** `|`, `>-`, `|2+`. */
  readonly header: string;
  /** Each with its indent, without the last line break. */
  readonly lines: readonly string[];
}

/** As lines; undefined for what lines cannot hold. `indent` is that of the lines, `outer` that of what they are the value of. */
export function spellBlock(text: string, indent: string, outer: string): YamlBlock | undefined {
  const body = text.replace(/\n+$/, '');
  if (body === '' || !isWritable(text)) return undefined;
  const lines = body.split('\n');
  // A first line that begins with a blank would make the indent deeper.
  const isMarked = /^\s/.test(lines.find((line) => line !== '') ?? '') || lines[0] === '';
  const ending = text.length - body.length;
  const width = indent.length - outer.length;
  if (isMarked && (width < 1 || width > 9)) return undefined;
  const padded = lines.map((line) => (line === '' ? '' : indent + line));
  const more = Array.from({ length: Math.max(0, ending - 1) }, () => '');
  return { header: `|${isMarked ? width : ''}${CHOMP[Math.min(ending, 2)]}`, lines: [...padded, ...more] };
}

const CHOMP = ['-', '', '+'] as const;

/** Every line break is the file's, and nothing is in it that some reader takes for one or refuses. */
const isWritable = (text: string): boolean =>
  !/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\uFEFF\uFFFE\uFFFF]/.test(text) && !/[ \t]+$/.test(text);

/**
 * The lines of a folded text (`body`, with their indent) with another value: lines of the value that are the same at both ends keep the
 * lines they are folded into, others are one long line each. Undefined where it begins lines with blanks, which fold by rules of their own.
 */
export function patchFolded(body: readonly string[], indent: string, was: string, next: string): string[] | undefined {
  const [before, after] = [was.replace(/\n+$/, '').split('\n'), next.replace(/\n+$/, '').split('\n')];
  const hasBlank = (line: string) => /^[ \t]|[ \t]$/.test(line);
  if (before.some(hasBlank) || after.some(hasBlank) || after[0] === '' || before[0] === '' || !isWritable(next))
    return undefined;
  const written = groupFolded(body);
  if (written.length !== before.length) return undefined;
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  const middle = after.slice(head, after.length - tail).map((line) => (line === '' ? [] : [indent + line]));
  const groups = [...written.slice(0, head), ...middle, ...written.slice(written.length - tail)];
  const lines: string[] = [];
  for (const [i, group] of groups.entries()) {
    // Between two texts a line break takes a blank line.
    if (i > 0) lines.push('');
    lines.push(...group);
  }
  return lines;
}

/** The lines of the text that make each line of the value; none for an empty one. */
function groupFolded(body: readonly string[]): string[][] {
  const groups: string[][] = [[]];
  for (const line of body) {
    if (line.trim() === '') groups.push([]);
    else groups.at(-1)!.push(line);
  }
  return groups;
}
