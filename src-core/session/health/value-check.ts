import { describeError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { EntryId, Problem } from '../../model/state-dict.ts';
import type { Pool } from '../ports.ts';
import type { EntryStats } from '../scan.ts';
import { scanRows } from '../scan-rows.ts';
import type { HealthFacts } from './facts.ts';
import { type CheckedTensor, lookAt } from './values/checked-tensor.ts';
import { findDenormals, findHugeValues, findNearOverflow } from './values/extremes.ts';
import { locateNotFinite } from './values/locate.ts';
import { describeNotFinite, isNotFinite } from './values/not-finite.ts';
import { judgeRows, mayHaveOddRows } from './values/rows.ts';
import { isStill, judgeStillTensors } from './values/still-tensors.ts';
import { findTiedPair, judgeTie, type TiedPair } from './values/tied.ts';

/** Rules about one tensor by itself. */
const TENSOR_RULES: readonly ((tensor: CheckedTensor) => Iterable<Problem>)[] = [
  findHugeValues,
  findNearOverflow,
  findDenormals,
];

/**
 * Takes statistics as they stream in, whoever asked for them, and says what they tell. Some things show only when all are
 * seen, and a few tensors are looked at again: `finish` does that.
 */
export class ValueCheck {
  readonly #facts: HealthFacts;
  readonly #pair: TiedPair | undefined;
  readonly #tied = new Map<EntryId, EntryStats>();
  readonly #still = new Map<EntryId, CheckedTensor>();
  readonly #hurt: CheckedTensor[] = [];
  readonly #suspects: CheckedTensor[] = [];
  /** Entries whose damage their reader has told. */
  readonly #known: ReadonlySet<EntryId | undefined>;

  constructor(facts: HealthFacts) {
    this.#facts = facts;
    this.#pair = findTiedPair(facts);
    this.#known = new Set(facts.document.state.problems.map(({ entry }) => entry));
  }

  /** What the statistics of one tensor tell by themselves. */
  add(found: EntryStats): readonly Problem[] {
    if (found.id === this.#pair?.embedding || found.id === this.#pair?.head) this.#tied.set(found.id, found);
    if (found.error) return this.#describeError(found);
    const tensor = lookAt(this.#facts, found);
    if (!tensor) return [];
    if (isNotFinite(tensor)) this.#hurt.push(tensor);
    else if (isStill(tensor)) this.#still.set(tensor.row, tensor);
    else if (mayHaveOddRows(tensor)) this.#suspects.push(tensor);
    return TENSOR_RULES.flatMap((rule) => [...rule(tensor)]);
  }

  /** @throws `cancelled` when the signal fires, `source` when a file cannot be read. */
  async *finish(pool: Pool, signal?: AbortSignal): AsyncIterable<Problem> {
    const { document } = this.#facts;
    for (const [i, tensor] of this.#hurt.entries()) {
      const isAsked = i < LIMITS.problemsPerKind;
      const first = isAsked ? await locateNotFinite(document, tensor.row, tensor.shape, signal) : undefined;
      yield describeNotFinite(tensor, first);
    }
    yield* judgeStillTensors(this.#facts, this.#still);
    const [embedding, head] = [this.#pair?.embedding, this.#pair?.head].map((id) => this.#tied.get(id ?? -1));
    if (embedding && head) yield* judgeTie(this.#facts, embedding, head);
    for (const tensor of this.#suspects) {
      const rows = await scanRows(document, tensor.row, pool, { ...(signal && { signal }) });
      yield* judgeRows(this.#facts, tensor, rows);
    }
  }

  #describeError({ id, error }: EntryStats): readonly Problem[] {
    const isDamage = error?.kind === 'malformed' || error?.kind === 'limit';
    if (!isDamage || this.#known.has(id)) return [];
    const message = `${this.#facts.document.state.entries.at(id).key} cannot be read: ${describeError(error)}.`;
    const advice = 'Its bytes are damaged: fetch or save the file again.';
    return [{ code: 'unreadable', severity: 'error', message, advice, entry: id }];
  }
}
