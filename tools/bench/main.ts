/** `npm run bench [-- NAME…]`: JSON lines, one per measurement. Exit code 1 when a checksum differs or a target is missed. */
import { benchDiff } from './diff.ts';
import { benchEdit } from './edit.ts';
import { benchFormats } from './formats.ts';
import { benchOpen } from './open.ts';
import { benchPairs } from './pairs.ts';
import { benchRun } from './run.ts';
import { benchStats } from './stats.ts';
import { benchValues } from './values.ts';

const BENCHES: Readonly<Record<string, () => Promise<boolean>>> = {
  diff: benchDiff,
  edit: benchEdit,
  formats: benchFormats,
  open: benchOpen,
  pairs: benchPairs,
  run: benchRun,
  stats: benchStats,
  values: benchValues,
};

const asked = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const names = asked.length > 0 ? asked : Object.keys(BENCHES);
let good = true;
for (const name of names) {
  const bench = BENCHES[name];
  if (!bench) {
    console.error(`no benchmark "${name}"; there are: ${Object.keys(BENCHES).join(', ')}`);
    process.exit(2);
  }
  good = (await bench()) && good;
}
process.exit(good ? 0 : 1);
