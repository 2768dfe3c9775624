import { LIMITS } from '../../base/limits.ts';
import { isSameModel } from './session-store.ts';
import type { BoundWeight } from './weight-store.ts';

/** Fewer of the bytes than this as constants gain little. */
const LEAST_CONSTANT = 0.5;
/** While a model is started its constants take about twice their size: with what is held they stay below what runs take anyway. */
const MOST_CONSTANT_BYTES = LIMITS.runWeightBytes / 2;

/** Which weights stay as they are, from run to run of the same model. */
export class WeightHistory {
  private model: Uint8Array | undefined;
  private keys: ReadonlyMap<string, string> = new Map();
  /** Names of weights that were others in some run, or that an edit made: more edits will come. */
  private readonly moving = new Set<string>();
  private isGivenUp = false;

  /**
   * Notes a run. When the same weights moved as before, gives those that did not: they may become constants. A run of nearly
   * all other weights (of another layer, of another document) begins anew.
   */
  note(model: Uint8Array, weights: readonly BoundWeight[]): readonly BoundWeight[] | undefined {
    const isAgain = this.model !== undefined && isSameModel(this.model, model);
    const changed = weights.filter(({ name, key }) => this.keys.get(name) !== key);
    const isOther = !isAgain || sumBytes(changed) > (1 - LEAST_CONSTANT) * sumBytes(weights);
    this.keys = new Map(weights.map(({ name, key }) => [name, key]));
    this.model = model;
    if (isOther) {
      this.moving.clear();
      this.isGivenUp = false;
    }
    const known = this.moving.size;
    for (const { name } of isOther ? [] : changed) this.moving.add(name);
    for (const { name, isEdited } of weights) if (isEdited) this.moving.add(name);
    if (isOther || this.isGivenUp || this.moving.size > known) return undefined;
    const still = weights.filter(({ name }) => !this.moving.has(name));
    const bytes = sumBytes(still);
    return bytes <= MOST_CONSTANT_BYTES && bytes >= LEAST_CONSTANT * sumBytes(weights) ? still : undefined;
  }

  /** It cannot be: no more is said of this model. */
  giveUp(): void {
    this.isGivenUp = true;
  }
}

const sumBytes = (weights: readonly BoundWeight[]): number => weights.reduce((sum, { bytes }) => sum + bytes, 0);
