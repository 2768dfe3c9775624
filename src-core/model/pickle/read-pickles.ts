import type { GlobalUse } from '../../bytes/pickle/global-table.ts';
import { type PickleOptions, type PickleResult, runPickle, tryPickle } from '../../bytes/pickle/machine.ts';
import type { PickleGlobal, PickleReport, Problem } from '../state-dict.ts';
import { JUDGED_BY } from './allowed-globals.ts';
import { rateGlobals } from './risk.ts';
import { WeightsOnlyJudge } from './weights-only.ts';

/** Reads the pickles of one file and keeps what they name and whether torch would take them. */
export class PickleReader {
  private readonly globals: GlobalUse[] = [];
  private refused: string | undefined;
  private protocol = 0;

  read(bytes: Uint8Array<ArrayBuffer>, options: PickleOptions): PickleResult {
    const judge = new WeightsOnlyJudge();
    return this.keep(runPickle(bytes, { ...options, watch: judge.watch }), judge);
  }

  /** Undefined when the bytes end before the pickle does. */
  tryRead(bytes: Uint8Array<ArrayBuffer>, options: PickleOptions): PickleResult | undefined {
    const judge = new WeightsOnlyJudge();
    const result = tryPickle(bytes, { ...options, watch: judge.watch });
    return result && this.keep(result, judge);
  }

  /** `why` refuses the file whatever its pickles say. */
  report(why?: string): PickleReport {
    const refused = why ?? this.refused;
    return {
      protocol: this.protocol,
      globals: rateGlobals(this.globals),
      weightsOnly: {
        accepted: refused === undefined,
        why: refused === undefined ? 'It names and calls only what torch allows.' : `torch refuses it: ${refused}.`,
        judgedBy: JUDGED_BY,
      },
    };
  }

  /** One problem that names what would run. */
  problems(): Problem[] {
    const names = rateGlobals(this.globals).flatMap((global) =>
      global.risk === 'code' ? [`${global.module}.${global.name}`] : [],
    );
    if (names.length === 0) return [];
    const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
    const advice = 'Nothing was run here. Do not load this file with anything that unpickles it.';
    return [{ code: 'unsafe-pickle', severity: 'error', message: `Loading this file would run ${shown}.`, advice }];
  }

  private keep(result: PickleResult, judge: WeightsOnlyJudge): PickleResult {
    this.globals.push(...result.globals);
    this.refused ??= judge.verdict(result.opcodes);
    this.protocol = Math.max(this.protocol, result.protocol);
    return result;
  }
}

/** One report for all shards. Undefined when there is none; the first of several alike keeps its place in its own pickle. */
export function mergeReports(
  shards: readonly { readonly name: string; readonly report: PickleReport }[],
): PickleReport | undefined {
  const [first] = shards;
  if (!first) return undefined;
  const globals = new Map<string, PickleGlobal>();
  for (const { report } of shards) {
    for (const global of report.globals) {
      const id = `${global.module}\n${global.name}`;
      const known = globals.get(id);
      const merged = known && { ...known, uses: known.uses + global.uses, called: known.called || global.called };
      globals.set(id, merged ?? global);
    }
  }
  const refused = shards.find(({ report }) => !report.weightsOnly.accepted);
  const { weightsOnly } = (refused ?? first).report;
  return {
    protocol: Math.max(...shards.map(({ report }) => report.protocol)),
    globals: [...globals.values()],
    weightsOnly: refused ? { ...weightsOnly, why: `In ${refused.name}, ${weightsOnly.why}` } : weightsOnly,
  };
}
