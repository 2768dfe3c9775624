import {
  buildTree,
  countElements,
  type Document,
  dtypeLabel,
  type Entry,
  StateglassError,
  shapeOf,
} from '../src-core/index.ts';
import { entryToJson, metadataToJson } from './entry-json.ts';
import { openPaths } from './open-paths.ts';
import { Output } from './output.ts';
import { printTree } from './print-tree.ts';

export interface LsOptions {
  readonly json?: boolean;
  readonly tree?: boolean;
  readonly style?: string;
}

/** `ls FILE…`: what is in there. Output is written row by row, so that half a million entries need no memory. */
export async function ls(files: readonly string[], options: LsOptions): Promise<void> {
  if (options.style !== undefined && options.style !== 'caten') {
    throw new StateglassError({ kind: 'bad-input', detail: `no style "${options.style}"; the one there is: caten` });
  }
  const documents = await openPaths(files);
  const out = new Output();
  if (options.json) printJson(documents, out);
  else {
    for (const document of documents) {
      if (options.style === 'caten') printCaten(document, out);
      else if (options.tree)
        printTree(document, buildTree(document.state.entries.columns(), treeOptions(document)), (line) =>
          out.line(line),
        );
      else printTable(document, out, documents.length > 1);
    }
  }
  await out.end();
}

const treeOptions = (document: Document) => ({
  name: document.name,
  order: document.state.format === 'safetensors' ? ('natural' as const) : ('source' as const),
});

function* eachEntry(document: Document): Generator<Entry> {
  for (let row = 0; row < document.state.entries.length; row++) yield document.state.entries.at(row);
}

/** One document is one object; several are an array of them. */
function printJson(documents: readonly Document[], out: Output): void {
  if (documents.length > 1) out.write('[');
  documents.forEach((document, i) => {
    if (i > 0) out.write(',\n');
    const { state } = document;
    const files = state.files.map(({ id, size, part }) => ({ name: id, ...(size !== undefined && { size }), part }));
    out.write(
      `{"format":${JSON.stringify(state.format)},"dialect":${JSON.stringify(state.dialect)},"layout":${JSON.stringify(state.layout)},`,
    );
    out.write(`"files":${JSON.stringify(files)},\n"metadata":${metadataToJson(state.metadata)},\n"entries":[`);
    const homes = groupShares(document);
    let row = 0;
    for (const entry of eachEntry(document)) {
      out.write(`${row++ === 0 ? '\n' : ',\n'}${entryToJson(entry, state, homes.get(entry.id))}`);
    }
    out.write(`],\n"problems":${JSON.stringify(state.problems)}`);
    if (state.pickle) out.write(`,\n"pickle":${JSON.stringify(state.pickle)}`);
    out.write('}');
  });
  out.write(documents.length > 1 ? ']\n' : '\n');
}

/** Keys of the others that share an entry's storage. */
function groupShares(document: Document): Map<number, string[]> {
  const homes = new Map<number, string[]>();
  for (const share of document.state.shares) {
    const ids = [share.owner, ...share.aliases];
    const keys = ids.map((id) => document.state.entries.at(id).key);
    ids.forEach((id, i) => {
      homes.set(
        id,
        keys.filter((_, j) => j !== i),
      );
    });
  }
  return homes;
}

function printCaten(document: Document, out: Output): void {
  for (const entry of eachEntry(document)) {
    const shape = shapeOf(entry.value);
    if (shape) out.line(`${entry.key} -> (${shape.join(' ')})`);
  }
}

function printTable(document: Document, out: Output, titled: boolean): void {
  if (titled) out.line(`${document.name}:`);
  let params = 0;
  for (const entry of eachEntry(document)) {
    const shape = shapeOf(entry.value);
    if (shape && entry.value.type === 'tensor') {
      params += countElements(shape);
      out.line(
        `${dtypeLabel(entry.value.dtype).padEnd(8)} ${(shape.length === 0 ? 'scalar' : shape.join('×')).padEnd(18)} ${entry.key}`,
      );
    } else out.line(`${entry.value.type.padEnd(8)} ${describeValue(entry).padEnd(18)} ${entry.key}`);
  }
  const { state } = document;
  out.line(
    `${state.entries.length} entries, ${params.toLocaleString('en')} parameters, ${state.format}${state.problems.length > 0 ? `, ${state.problems.length} problems` : ''}`,
  );
  for (const problem of state.problems.slice(0, 20)) out.line(`  ${problem.severity}: ${problem.message}`);
}

/** A value in a few words. A tensor has come this far only when nobody declares it. */
function describeValue(entry: Entry): string {
  const { value } = entry;
  switch (value.type) {
    case 'text':
      return `${value.text.length} chars`;
    case 'int':
      return value.digits.length > 18 ? `${value.digits.slice(0, 17)}…` : value.digits;
    case 'float':
      return value.lexeme ?? String(value.value);
    case 'bool':
      return String(value.value);
    case 'opaque':
      return value.typeName;
    case 'tensor':
      return 'absent';
    default:
      return '';
  }
}
