import type { KeptModel, ModelChoice, SessionStore } from './session-store.ts';
import { WeightHistory } from './weight-history.ts';
import type { BoundWeight } from './weight-store.ts';

/** What a run is held against: the same weights before their edits, which are run second; or weights of another document. */
export type Beside = 'before' | 'other';

/**
 * Decides with which of their weights as constants models are run. The first run has none, so that any weights can be fed; those that
 * stay from run to run become constants, which are not copied for each run and lie as the runtime likes them; those that are edited
 * go on being fed. Two results that are held against each other are computed by one model: what is alike stays so to the last bit.
 */
export class LateBinding {
  private readonly sessions: SessionStore;
  private readonly history = new WeightHistory();
  /** Of the last run. */
  private used: KeptModel | undefined;
  private later: (() => Promise<void>) | undefined;

  constructor(sessions: SessionStore) {
    this.sessions = sessions;
  }

  /** A model for these weights; it is to be given back. Those that are no constants of it are to be fed. */
  async choose(choice: ModelChoice, weights: readonly BoundWeight[], beside: Beside | undefined): Promise<KeptModel> {
    if (!mayBind(choice, beside)) return this.sessions.start(choice);
    const last = this.used && this.sessions.fits(this.used, choice, weights) ? this.used : undefined;
    const isSecond = beside === 'before' && !isEdited(weights);
    if (last && (last.constants.size > 0 || isSecond)) return this.sessions.reuse(last);
    const found = this.sessions.findBound(choice, weights);
    return found ? this.sessions.reuse(found) : this.sessions.start(choice);
  }

  /** Notes that they were run. */
  note(choice: ModelChoice, model: KeptModel, weights: readonly BoundWeight[], beside: Beside | undefined): void {
    if (!mayBind(choice, beside)) return;
    this.used = model;
    const constants = this.history.note(model.bytes, weights);
    const isFirst = beside === 'before' && isEdited(weights);
    if (!constants || isFirst || model.constants.size > 0) return;
    this.later = async () => {
      try {
        this.used = this.sessions.giveBack(await this.sessions.startBound(choice, constants));
      } catch {
        // It goes on as it did.
        this.history.giveUp();
      }
    };
  }

  /** Makes constants of what was found to stay: it takes about as long as a run. Whether there was any. */
  async settle(): Promise<boolean> {
    const { later } = this;
    this.later = undefined;
    await later?.();
    return later !== undefined;
  }

  /** Everything that was started is gone. */
  forget(): void {
    this.used = undefined;
    this.later = undefined;
  }
}

/** On a GPU weights lie where they are computed with: constants gain nothing there. A measured model runs once. */
const mayBind = ({ options }: ModelChoice, beside: Beside | undefined): boolean =>
  options.backend === 'wasm' && !options.profile && beside !== 'other';

const isEdited = (weights: readonly BoundWeight[]): boolean => weights.some((weight) => weight.isEdited);
