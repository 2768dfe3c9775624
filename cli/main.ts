import { cac } from 'cac';
import { describeError, StateglassError, toErrorInfo } from '../src-core/index.ts';
import { type LsOptions, ls } from './ls.ts';

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

try {
  program.parse(process.argv, { run: false });
  if (program.matchedCommand) await program.runMatchedCommand();
  else if (program.args.length > 0)
    throw new StateglassError({ kind: 'bad-input', detail: `no command "${program.args[0]}"; see stateglass --help` });
  else if (process.argv.length <= 2) program.outputHelp();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = FAILED;
}
