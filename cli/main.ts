import { type Command, cac } from 'cac';
import { describeError, StateglassError, toErrorInfo } from '../src-core/index.ts';
import { type BakeOptions, bake } from './bake.ts';
import { type CastOptions, cast } from './cast.ts';
import { type CheckOptions, check } from './check.ts';
import { convert } from './convert.ts';
import { type DiffOptions, diff } from './diff.ts';
import type { EditOptions, WriteOptions } from './edit-file.ts';
import { type ExportOptions, exportTo } from './export.ts';
import { type HashOptions, hash } from './hash.ts';
import { drop, keep } from './keep.ts';
import { type LoadCommandOptions, load } from './load.ts';
import { type LsOptions, ls } from './ls.ts';
import { type MergeOptions, merge } from './merge.ts';
import { type OpOptions, op, STANDARD_INPUT } from './op.ts';
import { type OpenCommandOptions, open } from './open.ts';
import { type RenameOptions, rename } from './rename.ts';
import { type ReplayOptions, replay } from './replay.ts';
import { type RunOptions, run as runModule } from './run.ts';
import { type SetOptions, set } from './set.ts';
import { type ShowOptions, show } from './show.ts';
import { type SplitOptions, split } from './split.ts';
import { type StatsOptions, stats } from './stats.ts';
import { unpack } from './unpack.ts';

/** Exit codes: 0 done, 1 something was found (differences, problems), 2 it could not be done. */
const FAILED = 2;

const program = cac('stateglass');
program
  .command('ls [...files]', 'List what state dicts hold')
  .option('--json', 'As JSON')
  .option('--tree', 'As the module tree, with totals')
  .option('--style <style>', 'caten: print "key -> (shape)"')
  .example('stateglass ls model.safetensors --tree')
  .action((files: string[], options: LsOptions) => run(options.json === true, () => ls(files, options)));
program
  .command('show <file> <key>', 'Print one value: numbers of a tensor, text, or JSON')
  .option('--slice <slice>', 'The part to read, as NumPy writes it: "0,:,2:5"')
  .option('--json', 'As JSON: NaN, infinities and integers past 2^53 are strings')
  .option('--raw', 'Stored integers of quantised tensors and codes of packed weights, not what they stand for')
  .example('stateglass show model.safetensors h.0.attn.c_attn.weight --slice ":4,:4"')
  .action((file: string, key: string, options: ShowOptions) =>
    run(options.json === true, () => show(file, key, options)),
  );
program
  .command('stats <file> [query]', 'Statistics of tensors, of those that match a query')
  .option('--json', 'As JSON: NaN, infinities and integers past 2^53 are strings')
  .option('--slice <slice>', 'Of a part of one tensor, named by its key: "0,:,2:5"')
  .option('--raw', 'Codes of packed weights, not what they stand for')
  .option('--workers <count>', 'Threads; one for each core unless told otherwise')
  .example('stateglass stats model.safetensors "dtype:bf16 attn"')
  .action((file: string, query: string | undefined, options: StatsOptions) =>
    run(options.json === true, () => stats(file, query, options)),
  );
program
  .command(
    'check [...files]',
    'Find what is wrong: damage, gaps, odd shapes, NaN, dead tensors; exit 1 when there is something',
  )
  .option('--structure', 'Names, shapes and places only: no value is read')
  .option('--json', 'As a JSON array of problems')
  .option('--workers <count>', 'Threads; one for each core unless told otherwise')
  .example('stateglass check model.safetensors')
  .action((files: string[], options: CheckOptions) => run(options.json === true, () => check(files, options)));
program
  .command('run <file> [module]', 'Run a module, from its weights alone, on a sample')
  .option(
    '--input <sample>',
    'random:SEED, uniform:SEED, zeros, ones, ramp, one-hot:PLACE, 1,2,3, a text, x.npy or FILE:KEY; NAME=SAMPLE where there are several',
  )
  .option('--shape <shape>', 'Of a sample that is made: 4x96, or NAME=4x96')
  .option('--assume <assumption>', 'activation=gelu, or h.0.attn.heads=4 for one module; may be repeated')
  .option('--tap <module>', 'What a module inside gives, too; may be repeated')
  .option('--generate <count>', 'Go on with the text of the input for so many tokens')
  .option('--temperature <number>', 'With --generate: 0, the likeliest each time, unless told otherwise')
  .option('--seed <number>', 'With --temperature: of what is drawn')
  .option('--ignore-eos', 'With --generate: go on behind a token that ends a text')
  .option('--list', 'Every module that can be run, as what, and why the others cannot')
  .option('--json', 'As JSON: {module, kind, assumptions, backend, outputs, taps}')
  .option('-o, --output <file>', 'Write the first output as .npy')
  .option('--force', 'Replace the file if it is there')
  .option('--threads <count>', 'Threads; one for each core unless told otherwise')
  .example('stateglass run digits.safetensors classifier.1 --input random:0')
  .example('stateglass run char-gpt.safetensors --input "The statement " --generate 100')
  .action((file: string, module: string | undefined, options: RunOptions) =>
    run(options.json === true, () => runModule(file, module, options)),
  );
program
  .command('diff <a> <b>', 'What changed from A to B, whatever formats they are in; exit 1 when something did')
  .option('--values', 'Read the tensors and compare their values; without it names, types, shapes, and texts')
  .option('--map <rules>', "From A's names to B's: s/PATTERN/NEW/ or a file of such rules; may be repeated")
  .option('--json', 'As JSON: {summary, entries}, the entries that differ')
  .option('--all', 'With --json: those that are the same too')
  .option('--md', 'As Markdown')
  .option('--html', 'As one HTML file')
  .option(
    '--patch <file>',
    'Write what changed to a .safetensors file, for `replay FILE OTHER`; exit 0 when it is written',
  )
  .option('--force', 'Replace the patch if it is there')
  .option('--workers <count>', 'Threads; one for each core unless told otherwise')
  .example('stateglass diff epoch1.pt final.safetensors --values')
  .action((a: string, b: string, options: DiffOptions) => run(options.json === true, () => diff(a, b, options)));
program
  .command('hash <file>', 'One name for the content and one for the structure, whatever the format')
  .option('--json', 'As JSON, with a digest of every entry')
  .option('--workers <count>', 'Threads; one for each core unless told otherwise')
  .action((file: string, options: HashOptions) => run(options.json === true, () => hash(file, options)));
program
  .command('export <file> [query]', 'Write tensors to a file: .safetensors, .pt, .gguf, .npz, .npy or .csv')
  .option('-o, --output <file>', 'The file to write; its name says the format')
  .option('--slice <slice>', 'The part of one tensor to write, as NumPy writes it: "0,:,2:5"')
  .option('--as <dtype>', 'f32: narrower floats, and values of quantised tensors, as f32, which holds them exactly')
  .option('--raw', 'Stored integers of quantised tensors')
  .option('--force', 'Replace the file if it is there')
  .example('stateglass export model.safetensors "h.*.attn.*" -o attention.npz')
  .action((file: string, query: string | undefined, options: ExportOptions) =>
    run(false, () => exportTo(file, query, options)),
  );

const writes = (command: Command): Command =>
  command
    .option('--dry-run', 'Say what would be written, and write nothing')
    .option('--json', 'The answer as JSON: {output, entries, size, losses, edits}')
    .option('--force', 'Replace what is there');
const edits = (command: Command): Command =>
  writes(
    command
      .option('-o, --output <out>', 'The file to write; its extension says the format. Several files go to a folder')
      .option('--in-place', 'Change the bytes in FILE itself, where nothing has to move; undone if it is cut short'),
  ).option('--recipe <file>', 'Write the edits to a file too, to be replayed on another');

edits(
  program
    .command('set <file> [key] [value]', 'Set a value: text for a text, JSON for others, numbers for a tensor')
    .option(
      '--from <file>',
      'Take the value from a file, all of it; - is standard input. Of a file of tensors the one called KEY, or of FILE:OTHER',
    )
    .option('--slice <slice>', 'The part of a tensor to set, as NumPy writes it: "0,:,2:5"')
    .option('--metadata <item>', 'KEY=VALUE, beside the entries; may be repeated')
    .example('stateglass set agent.json instructions "Be brief." -o brief.json'),
).action((file: string, key: string | undefined, value: string | undefined, options: SetOptions) =>
  run(options.json === true, () => set(file, key, value === undefined ? value : unbindDash(value), options)),
);
edits(
  program
    .command(
      'rename <file>',
      "Rename keys by sed's rules, every match in a key; patterns are JavaScript's regular expressions",
    )
    .option(
      '--rule <rule>',
      's/PATTERN/NEW/ with flags i and g; may be repeated, each works on what those before it made',
    )
    .example("stateglass rename model.safetensors --rule 's/^module\\.//' -o clean.safetensors"),
).action((file: string, options: RenameOptions) => run(options.json === true, () => rename(file, options)));
edits(
  program
    .command('keep <file> <query>', 'Keep an entry, a module, or what a filter finds, and nothing else')
    .example('stateglass keep model.safetensors "h.*.attn.*" -o attention.safetensors'),
).action((file: string, query: string, options: EditOptions) =>
  run(options.json === true, () => keep(file, query, options)),
);
edits(program.command('drop <file> <query>', 'Take out an entry, a module, or what a filter finds')).action(
  (file: string, query: string, options: EditOptions) => run(options.json === true, () => drop(file, query, options)),
);
edits(
  program
    .command('cast <file> <dtype> [query]', 'Another element type; for all floating-point tensors without a query')
    .option('--report', 'Read all values, and count what the type makes others of; without -o nothing is written')
    .example('stateglass cast model.safetensors bf16 -o small.safetensors'),
).action((file: string, dtype: string, query: string | undefined, options: CastOptions) =>
  run(options.json === true, () => cast(file, dtype, query, options)),
);
edits(
  program
    .command('replay <recipe> <file>', 'Make the edits of a recipe, or of a patch, on a file: all of them or none')
    .option(
      '--donor <donor>',
      'NAME=FILE that edits take values from; may be repeated. Without it FILE is NAME beside the recipe',
    )
    .example(
      'stateglass replay bake.json model.safetensors --donor lora.safetensors=adapter.safetensors -o out.safetensors',
    ),
).action((recipe: string, file: string, options: ReplayOptions) =>
  run(options.json === true, () => replay(recipe, file, options)),
);
edits(
  program
    .command(
      'merge <a> <b>',
      'What A and B made of BASE, as edits of A; exit 1 and nothing written while conflicts are left',
    )
    .option('--base <file>', 'What both come from; without it whatever differs is a conflict')
    .option(
      '--take <choice>',
      'QUERY=a, b, base, average, weighted:SHARE_OF_B, or markers (texts); may be repeated, the first that matches decides',
    )
    .option('--average', 'Conflicts that are left are averaged, where both are tensors of one shape')
    .option('--lora <strength>', "Bake B's LoRA updates into A, times this")
    .option('--alpha <alpha>', 'Of LoRA updates that do not say it: a number, or "rank"')
    .option('--metadata <side>', 'a, b or base: whose metadata stands where sides differ')
    .option('--map <rules>', "From the base's names to those of A and B: s/PATTERN/NEW/ or a file of such rules")
    .option('--workers <count>', 'Threads; one for each core unless told otherwise')
    .example('stateglass merge mine.safetensors theirs.safetensors --base base.safetensors -o merged.safetensors')
    .example('stateglass merge a.pt b.pt --take "*.bias=a" --average -o soup.pt'),
).action((a: string, b: string, options: MergeOptions) => run(options.json === true, () => merge(a, b, options)));
edits(
  program
    .command('bake <base> <adapter>', 'Add the LoRA updates of ADAPTER to the weights of BASE that they are of')
    .option(
      '--alpha <alpha>',
      'A number, or "rank"; without it what the file or the adapter_config.json beside it says',
    )
    .option('--scale <number>', 'Multiplies every update; 1 unless told otherwise')
    .option('--fan-in-fan-out', 'Square weights are stored [in, out]; the shapes of others tell')
    .option('--rank-stabilised', 'Scale by alpha / √rank instead of alpha / rank')
    .option('--adapter <name>', 'Of several adapters in one file, this one')
    .option('--partial', 'Leave updates that cannot be baked; without it they are an error')
    .example('stateglass bake model.safetensors adapter/ -o baked.safetensors'),
).action((base: string, adapter: string, options: BakeOptions) =>
  run(options.json === true, () => bake(base, adapter, options)),
);
edits(
  program
    .command(
      'unpack <file> [...keys]',
      'Put weights in the place of what GPTQ, AWQ, bitsandbytes, MLX, FP8 and others pack them in',
    )
    .example('stateglass unpack model-gptq.safetensors -o model-f16.safetensors'),
).action((file: string, keys: readonly string[], options: EditOptions) =>
  run(options.json === true, () => unpack(file, keys, options)),
);
writes(
  program
    .command(
      'split <file> [...queries]',
      'A file for each query, and a last one for what none takes; or safetensors shards of a size',
    )
    .option('-o, --output <out>', 'OUT.pt makes OUT-1.pt, OUT-2.pt…; a folder takes files named as FILE is')
    .option('--max-shard-size <size>', 'Shards of at most 2GB, 500MB, 1GiB of tensors, and their index, in a folder')
    .example('stateglass split model.safetensors encoder decoder -o part.safetensors')
    .example('stateglass split pytorch_model.bin --max-shard-size 2GB -o sharded'),
).action((file: string, queries: string[], options: SplitOptions) =>
  run(options.json === true, () => split(file, queries, options)),
);
writes(
  program
    .command('convert <file> [out]', 'The same in the format that the name of OUT says; shards become one file')
    .option('-o, --output <out>', 'OUT, as other commands take it')
    .example('stateglass convert pytorch_model.bin model.safetensors')
    .example('stateglass convert sharded -o one.safetensors'),
).action((file: string, out: string | undefined, options: WriteOptions) =>
  run(options.json === true, () => convert(file, out, options)),
);
program
  .command(
    'open [...paths]',
    'Serve the page and these files to this machine alone, for a browser here or at the end of an SSH tunnel',
  )
  .option('--port <port>', 'On this port; one that is free unless told otherwise')
  .example('stateglass open checkpoints/step-1000 --port 8600')
  .action((paths: string[], options: OpenCommandOptions) => run(false, () => open(paths, options)));
program
  .command(
    'load [target] [source]',
    'What would happen if SOURCE were loaded into TARGET: a file, a declared module, or a printout (.txt, - for standard input); exit 1 when it raises or leaves something',
  )
  .option('--policy <id>', 'How which system does it; "all" compares them. torch-strict unless told otherwise')
  .option('--list', 'Name the policies')
  .option('--map <rules>', 'Keys of SOURCE through s/PATTERN/NEW/, or a file of such lines; may be repeated')
  .option('--weight-alignment <bytes>', 'MAX: what every weight has to be aligned to')
  .option('--override-quantization-encoding', 'MAX: weights take the quantisation of what is loaded')
  .option('--class-name <name>', "torch: the module's class, for its message")
  .option('--fix', 'Name the edits of SOURCE that would let more of it load, one as JSON in each line')
  .option('--json', 'The report as JSON')
  .example('stateglass load model.safetensors checkpoint.pt --policy torch-strict')
  .action((target: string | undefined, source: string | undefined, options: LoadCommandOptions) =>
    run(options.json === true, () => load(target, source, options)),
  );
program
  .command(
    'op [name] [args]',
    'An operation of msgflux, inox, flax.nnx, MAX or Caten on JSON: a file, - for standard input, or the text itself',
  )
  .option('--list', 'Name the operations and their arguments')
  .option('--json', 'The answer as one line: {"result", "problems", "error"}')
  .example('stateglass op nnx.split_state args.json')
  .action((name: string | undefined, args: string | undefined, options: OpOptions) =>
    run(options.json === true, () => op(name, args, options)),
  );
program.help();
program.version('0.1.0');

async function run(json: boolean, command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    const info = toErrorInfo(error);
    if (json)
      process.stdout.write(`${JSON.stringify({ error: { ...info, message: describeError(info) } }, plainBytes)}\n`);
    process.stderr.write(`${describeError(info)}\n`);
    process.exitCode = FAILED;
  }
}

/** First bytes of an unknown file print as numbers, not as an object with keys. */
function plainBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}

/** No argument can hold this: it stands before a dash that begins a number or a text. */
const MARK = '\0';
const unbindDash = (value: string): string => (value.startsWith(MARK) ? value.slice(1) : value);

/** Options whose values may begin with a minus. */
const NUMERIC: ReadonlySet<string> = new Set(['--slice', '--scale', '--lora', '--alpha']);

/**
 * `--slice -1,2`, `set FILE KEY -1.5`: a value that begins with a dash is taken for an option unless an equals sign or a mark
 * binds it. A lone dash is dropped; it means standard input.
 */
function bindDashes(args: readonly string[]): string[] {
  const bound: string[] = [];
  for (const arg of args) {
    const option = bound.at(-1) ?? '';
    if (NUMERIC.has(option) && /^-[\d.]/.test(arg)) bound[bound.length - 1] = `${option}=${arg}`;
    else if (args[2] === 'set' && /^-[\d.\s]|^-inf/i.test(arg)) bound.push(MARK + arg);
    else bound.push(arg === '-' ? STANDARD_INPUT : arg);
  }
  return bound;
}

try {
  program.parse(bindDashes(process.argv), { run: false });
  if (program.matchedCommand) await program.runMatchedCommand();
  else if (program.args.length > 0)
    throw new StateglassError({ kind: 'bad-input', detail: `no command "${program.args[0]}"; see stateglass --help` });
  else if (process.argv.length <= 2) program.outputHelp();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = FAILED;
}
