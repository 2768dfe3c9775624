import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listLoadPolicies } from '../../src-core/index.ts';
import type { DocumentId, EngineApi } from './api.ts';
import { createEngine } from './engine.ts';
import type { LoadRequest, LoadVerdict } from './load-api.ts';

const EXAMPLES = join(import.meta.dirname, '../../public/examples');

async function open(engine: EngineApi, name: string): Promise<DocumentId> {
  const bytes = new Uint8Array(readFileSync(join(EXAMPLES, name)));
  const { documents } = await engine.open({ files: [{ path: name, handle: { kind: 'buffer', name, bytes } }] });
  return documents[0]!.id;
}

/** The digits under DDP's prefix, to be loaded into the plain ones. */
async function openDigits(): Promise<{
  readonly engine: EngineApi;
  readonly request: LoadRequest;
  readonly source: DocumentId;
}> {
  const engine = createEngine();
  const [target, source] = [await open(engine, 'digits-final.safetensors'), await open(engine, 'digits-final.pt')];
  await engine.edit(source, { op: 'rename-rules', args: { rules: [{ pattern: '^', to: 'module.' }] } });
  const sides = { target: { document: target }, source: { document: source } };
  return { engine, source, request: { ...sides, policy: 'torch-strict', options: {} } };
}

const LAST = 'classifier.3.weight';

test('a load is counted, and its rows are asked for by what they are, in any order', async () => {
  const { engine, request } = await openDigits();
  const load = await engine.planLoad(request);
  expect(load).toMatchObject({ raises: 'RuntimeError', isWhole: false, assigned: 0, changed: 0, rows: 36 });
  expect(load.counts).toMatchObject({ missing: 18, unexpected: 18, matched: 0 });
  expect(load.words).toContain(
    'RuntimeError: Error(s) in loading state_dict for Module:\n\tMissing key(s) in state_dict: "',
  );
  const rows = await engine.loadRows({
    load: load.id,
    show: 'unexpected',
    text: 'WEIGHT',
    column: 'key',
    descending: true,
  });
  const keys = (await engine.describeLoadRows(load.id, rows)).map(({ key }) => key);
  expect(keys[0]).toBe('module.features.4.weight');
  expect(keys).toEqual([...keys].sort().reverse());
  expect(keys).toHaveLength(6);
  const meant = await engine.loadRows({ load: load.id, show: 'missing', text: LAST });
  expect((await engine.describeLoadRows(load.id, meant))[0]?.suggestion).toBe(`module.${LAST}`);
  await engine.close(load.id);
  await expect(engine.describeLoadRows(load.id, rows)).rejects.toMatchObject({ info: { kind: 'not-found' } });
});

test('edits are proposed with what they would come to, and change nothing; made, they do what was told', async () => {
  const { engine, request, source } = await openDigits();
  const { edits, after } = await engine.proposeLoad(request);
  expect(edits.map(({ title }) => title)).toEqual(['Rename by removing ^module\\.']);
  expect(after).toMatchObject({ raises: null, isWhole: true, assigned: 18 });
  expect((await engine.planLoad(request)).isWhole).toBe(false);
  for (const { op, args } of edits) await engine.edit(source, { op, args });
  expect((await engine.planLoad(request)).isWhole).toBe(true);
});

test('rules become the first of the edits, and are not applied twice', async () => {
  const { engine, request } = await openDigits();
  const options = { map: [{ pattern: '^\\w+\\.', to: '' }] };
  expect(await engine.planLoad({ ...request, options })).toMatchObject({ isWhole: true });
  const { edits, after } = await engine.proposeLoad({ ...request, options });
  expect(edits).toHaveLength(1);
  expect(after.isWhole).toBe(true);
});

test('a printout is a side too, but not one that can be edited; one without keys is refused', async () => {
  const { engine, source } = await openDigits();
  const text = { text: "{'module.features.0.bias': torch.Size([32])}" };
  const request: LoadRequest = { target: text, source: { document: source }, policy: 'torch-nonstrict', options: {} };
  expect(await engine.planLoad(request)).toMatchObject({ raises: null, assigned: 1, counts: { unexpected: 17 } });
  await expect(engine.proposeLoad({ ...request, source: text })).rejects.toMatchObject({ info: { kind: 'bad-input' } });
  await expect(engine.planLoad({ ...request, target: { text: 'hello' } })).rejects.toMatchObject({
    info: { kind: 'bad-input' },
  });
});

test('every policy tells its verdict in turn; an end that comes meanwhile is heard', async () => {
  const { engine, request } = await openDigits();
  const told: LoadVerdict[] = [];
  await engine.surveyLoads(request, { onItem: (verdict) => told.push(verdict) });
  expect(told.map(({ policy }) => policy)).toEqual(listLoadPolicies().map(({ id }) => id));
  const controller = new AbortController();
  let count = 0;
  await engine.surveyLoads(request, {
    signal: controller.signal,
    onItem() {
      count++;
      controller.abort();
    },
  });
  expect(count).toBe(1);
});
