import { ortRunner } from '../../../cli/ort.ts';
import type { Runner } from '../ports.ts';

export interface RecordingRunner {
  readonly runner: Runner;
  /** Weights that are constants of each model that was started, by the names of its inputs otherwise fed. */
  readonly started: { readonly constants: number; isReleased: boolean }[];
  /** Shapes of what was held: each was read. */
  readonly read: string[];
  /** What is held now. */
  readonly held: Set<string>;
  /** Names fed with each run. */
  readonly fed: string[][];
}

/** The runtime of the terminal, and what was asked of it. */
export async function recordRunner(): Promise<RecordingRunner> {
  const runner = await ortRunner(1);
  const started: RecordingRunner['started'] = [];
  const read: string[] = [];
  const held = new Set<string>();
  const fed: string[][] = [];
  return {
    started,
    read,
    held,
    fed,
    runner: {
      ...runner,
      hold: (key, tensor, backend) => {
        read.push(tensor.shape.join('×'));
        held.add(key);
        return runner.hold(key, tensor, backend);
      },
      change: (key, from, change, move) => {
        if (move) held.delete(from);
        held.add(key);
        return runner.change(key, from, change, move);
      },
      release: (key) => {
        held.delete(key);
        return runner.release(key);
      },
      start: async (model, options) => {
        const one = { constants: model.data?.length ?? 0, isReleased: false };
        started.push(one);
        const model_ = await runner.start(model, options);
        return {
          ...model_,
          run: (inputs, outputs, keep) => {
            fed.push(Object.keys(inputs));
            return model_.run(inputs, outputs, keep);
          },
          release: () => {
            one.isReleased = true;
            return model_.release();
          },
        };
      },
    },
  };
}
