import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { Backend, Correction, Edit, NodeTime, RunTensor } from '../src-core/index.ts';

/** A module to run in the engine of the built app, without the page: plain data that crosses to the browser. */
export interface EngineRun {
  readonly name: string;
  /** The file's bytes in base64. */
  readonly file: string;
  readonly node: number;
  readonly corrections: readonly Correction[];
  readonly inputs: Readonly<Record<string, PlainTensor>>;
  readonly taps: readonly string[];
  /** Made after the first run, one by one, and undone: it is run twice after each, unmeasured. */
  readonly edits?: readonly Edit[];
}

export interface PlainTensor {
  readonly dtype: RunTensor['dtype'];
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface EngineAnswer {
  readonly name: string;
  readonly kind?: string;
  readonly backend?: Backend;
  /** Why it did not run on WebGPU. */
  readonly why?: string;
  readonly outputs: Readonly<Record<string, PlainTensor>>;
  readonly taps: Readonly<Record<string, PlainTensor>>;
  readonly nodes?: readonly NodeTime[];
  /** The first output before the edits, after each of them, and when all are undone: of both runs. */
  readonly edited?: readonly PlainTensor[];
  readonly error?: string;
}

export interface EngineFacts {
  readonly adapter?: { readonly vendor: string; readonly architecture: string };
  readonly threads: number;
}

export const toPlain = ({ dtype, shape, data }: RunTensor): PlainTensor => ({
  dtype,
  shape,
  data: Array.from(data as ArrayLike<number | bigint>, Number),
});

/** Speaks to the engine's worker as the page does (`app/engine/wire.ts`), one module after the other. */
export async function runInEngine(
  page: Page,
  runs: readonly EngineRun[],
  backend: Backend,
): Promise<{ readonly facts: EngineFacts; readonly answers: readonly EngineAnswer[] }> {
  const assets = readdirSync(join(import.meta.dirname, '../dist/assets'));
  const worker = assets.find((name) => /^worker-.+\.js$/.test(name));
  return page.evaluate(
    async ({ runs, backend, worker }) => {
      const engine = new Worker(`./assets/${worker}`, { type: 'module' });
      const waiting = new Map<number, { resolve(value: never): void; reject(error: unknown): void }>();
      engine.onmessage = ({ data }) => {
        if ('progress' in data || 'item' in data) return;
        const call = waiting.get(data.call);
        waiting.delete(data.call);
        if ('error' in data) call?.reject(new Error(JSON.stringify(data.error)));
        else call?.resolve(data.value as never);
      };
      let last = 0;
      const ask = (method: string, ...args: unknown[]) =>
        // biome-ignore lint/suspicious/noExplicitAny: whatever the method gives
        new Promise<any>((resolve, reject) => {
          last++;
          waiting.set(last, { resolve, reject });
          engine.postMessage({ call: last, method, args });
        });
      const make = { f32: Float32Array, bool: Uint8Array };
      const toTensor = ({ dtype, shape, data }: PlainTensor) => ({
        dtype,
        shape,
        data: dtype === 'i64' ? BigInt64Array.from(data, BigInt) : make[dtype].from(data),
      });
      const plain = ({ dtype, shape, data }: RunTensor) => ({
        dtype,
        shape,
        data: Array.from(data as ArrayLike<number | bigint>, Number),
      });
      const plainAll = (tensors: Record<string, RunTensor>) =>
        Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, plain(tensor)]));
      const facts = await ask('runnerFacts');
      const answers = [];
      for (const run of runs) {
        const bytes = Uint8Array.from(atob(run.file), (character) => character.charCodeAt(0));
        const handle = { kind: 'buffer', bytes, name: run.name };
        const { documents } = await ask('open', { files: [{ path: run.name, handle }] });
        const document = documents[0].id;
        const inputs = Object.fromEntries(Object.entries(run.inputs).map(([name, tensor]) => [name, toTensor(tensor)]));
        const { node, corrections, taps, edits } = run;
        const edited: PlainTensor[] = [];
        const runTwice = async () => {
          for (let i = 0; i < 2; i++) {
            const request = { document, node, corrections, inputs, backend };
            const { outputs, ...rest } = await ask('runModule', request);
            if (rest.backend !== backend) throw new Error(`it ran on ${rest.backend}: ${rest.why}`);
            edited.push(plain(outputs[0].tensor));
          }
        };
        try {
          const found = await ask('runModule', { document, node, corrections, inputs, taps, backend, profile: true });
          if (edits) {
            await runTwice();
            for (const edit of edits) {
              await ask('edit', document, edit);
              await runTwice();
            }
            await ask('moveEditCursor', document, 0);
            await runTwice();
          }
          answers.push({
            name: run.name,
            kind: found.kind,
            backend: found.backend,
            why: found.why,
            outputs: plainAll(
              Object.fromEntries(
                found.outputs.map(({ label, tensor }: { label: string; tensor: RunTensor }) => [label, tensor]),
              ),
            ),
            taps: plainAll(found.taps),
            nodes: found.nodes,
            ...(edits && { edited }),
          });
        } catch (error) {
          answers.push({ name: run.name, outputs: {}, taps: {}, error: String(error) });
        }
        await ask('close', document);
      }
      engine.terminate();
      return { facts, answers };
    },
    { runs, backend, worker },
  );
}
