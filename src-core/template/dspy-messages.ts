/**
 * What a predictor of DSPy sends, as its ChatAdapter puts it together (DSPy 3.4.1, `dspy/adapters/{base,chat_adapter,utils}.py`). Types of
 * fields are no state: all are taken for text.
 */
import { writeJson } from '../model/json-write.ts';
import type { JsonNode } from '../model/state-dict.ts';
import type { DspyField } from './dspy-signature.ts';
import type { PromptMessage } from './prompt-message.ts';

type Given = ReadonlyMap<string, JsonNode>;

/** @param inputs values of the fields that go in; one that is absent is left out, as DSPy does. */
export function assembleDspyMessages(
  instructions: string,
  fields: readonly DspyField[],
  demos: readonly JsonNode[],
  inputs: Given,
): PromptMessage[] {
  const [ins, outs] = [fields.filter(({ isOutput }) => !isOutput), fields.filter(({ isOutput }) => isOutput)];
  const messages: PromptMessage[] = [{ role: 'system', content: writeSystem(instructions, ins, outs) }];
  for (const { given, isComplete } of sortDemos(demos, ins, outs)) {
    const head = isComplete ? [] : [INCOMPLETE];
    messages.push({ role: 'user', content: writeInputs(ins, given, head, []) });
    messages.push({ role: 'assistant', content: writeOutputs(outs, given) });
  }
  const request = writeInputs(ins, inputs, [], [writeRequest(outs)]);
  return [...messages, { role: 'user', content: request }];
}

const INCOMPLETE = 'This is an example of the task, though some input or output fields are not supplied.';
const MISSING = 'Not supplied for this particular example. ';
const COMPLETED = '[[ ## completed ## ]]';
const INDENT = ' '.repeat(8);

const writeSystem = (instructions: string, ins: readonly DspyField[], outs: readonly DspyField[]): string =>
  [
    `Your input fields are:\n${listFields(ins)}`,
    `Your output fields are:\n${listFields(outs)}`,
    [
      'All interactions will be structured in the following way, with the appropriate values filled in.',
      writeFields(ins, ({ name }) => `{${name}}`),
      writeFields(outs, ({ name }) => `{${name}}`),
      COMPLETED,
    ].join('\n\n'),
    `In adhering to this structure, your objective is: ${['', ...splitLines(dedent(instructions))].join(`\n${INDENT}`)}`,
  ].join('\n');

const listFields = (fields: readonly DspyField[]): string =>
  fields
    .map(
      ({ name, description }, i) => `${i + 1}. \`${name}\` (str): ${description === `\${${name}}` ? '' : description}`,
    )
    .join('\n')
    .trim();

const writeFields = (fields: readonly DspyField[], valueFor: (field: DspyField) => string): string =>
  fields
    .map((field) => `[[ ## ${field.name} ## ]]\n${valueFor(field)}`)
    .join('\n\n')
    .trim();

const writeInputs = (
  ins: readonly DspyField[],
  given: Given,
  head: readonly string[],
  end: readonly string[],
): string => {
  const parts = ins.flatMap(({ name }) => {
    const value = given.get(name);
    return value ? [`[[ ## ${name} ## ]]\n${writeValue(value)}`] : [];
  });
  return [...head, ...parts, ...end].join('\n\n').trim();
};

const writeOutputs = (outs: readonly DspyField[], given: Given): string => {
  const valueFor = ({ name }: DspyField) => {
    const value = given.get(name);
    return value ? writeValue(value) : MISSING;
  };
  return `${writeFields(outs, valueFor)}\n\n${COMPLETED}\n`;
};

const writeRequest = (outs: readonly DspyField[]): string =>
  `Respond with the corresponding output fields, starting with the field ${outs
    .map(({ name }) => `\`[[ ## ${name} ## ]]\``)
    .join(', then ')}, and then ending with the marker for \`${COMPLETED}\`.`;

/** Those that lack something come first; those without any input or any output are left out. */
function sortDemos(demos: readonly JsonNode[], ins: readonly DspyField[], outs: readonly DspyField[]) {
  const all = demos.map((demo): Given => new Map(demo.kind === 'object' ? demo.members : []));
  const isComplete = (given: Given) =>
    [...ins, ...outs].every(({ name }) => given.has(name) && given.get(name)!.kind !== 'null');
  const hasBoth = (given: Given) => [ins, outs].every((fields) => fields.some(({ name }) => given.has(name)));
  const incomplete = all.filter((given) => !isComplete(given) && hasBoth(given));
  const complete = all.filter(isComplete);
  return [
    ...incomplete.map((given) => ({ given, isComplete: false })),
    ...complete.map((given) => ({ given, isComplete: true })),
  ];
}

function writeValue(value: JsonNode): string {
  if (value.kind === 'array') return writeList(value.items);
  return value.kind === 'object' ? writeJson(value, { gap: ' ' }) : writeWord(value);
}

function writeList(items: readonly JsonNode[]): string {
  if (items.length === 0) return 'N/A';
  const blobs = items.map((item) => writeBlob(item.kind === 'array' ? writeJson(item, { gap: ' ' }) : writeWord(item)));
  return blobs.length === 1 ? blobs[0]! : blobs.map((blob, i) => `[${i + 1}] ${blob}`).join('\n');
}

const writeBlob = (blob: string): string =>
  /[\n«»]/.test(blob) ? `«««\n    ${blob.replaceAll('\n', '\n    ')}\n»»»` : `«${blob}»`;

/** As Python's `str` writes it. */
function writeWord(value: JsonNode): string {
  if (value.kind === 'string') return value.value;
  if (value.kind === 'null') return 'None';
  if (value.kind === 'bool') return value.value ? 'True' : 'False';
  return writeJson(value, { gap: ' ', bareLiterals: true });
}

/** Python's `textwrap.dedent`. */
function dedent(text: string): string {
  const lines = text.split('\n').map((line) => (line.trim() === '' ? '' : line));
  const margins = lines.filter(Boolean).map((line) => /^[ \t]*/.exec(line)![0]);
  const margin = margins.reduce((shared, next) => commonStart(shared, next), margins[0] ?? '');
  return lines.map((line) => line.slice(line === '' ? 0 : margin.length)).join('\n');
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

/** Python's `str.splitlines`: a line break at the end begins no line. */
const splitLines = (text: string): readonly string[] =>
  text === '' ? [] : text.replace(/(?:\r\n|[\n\r])$/, '').split(/\r\n|[\n\r]/);
