import { describe, expect, test } from 'vitest';
import { readDrop, readText } from './read-drop.ts';
import { distinctPaths } from './walk-folder.ts';

const file = (name: string) => new File(['x'], name);
const fileHandle = (name: string) => ({ kind: 'file', name, getFile: async () => file(name) });
const folderHandle = (name: string, children: readonly object[]) => ({
  kind: 'directory',
  name,
  async *values() {
    yield* children;
  },
});

/** A DataTransfer as browsers have it: once the event is over, it is empty. */
function transfer(handles: readonly object[], text = '') {
  let live = true;
  const gone = <T>(value: T) => (live ? value : (null as T));
  const items = handles.map((handle) => ({
    kind: 'file',
    getAsFile: () => gone(file((handle as { name: string }).name)),
    getAsFileSystemHandle: async () => gone(handle),
    webkitGetAsEntry: () => null,
  }));
  const dropped = {
    get items() {
      return live ? items : [];
    },
    getData: (type: string) => (live && type === 'text/plain' ? text : ''),
  } as unknown as DataTransfer;
  return { dropped, end: () => (live = false) };
}

async function drop(handles: readonly object[], text?: string) {
  const { dropped, end } = transfer(handles, text);
  const reading = readDrop(dropped);
  end();
  return reading;
}
const paths = async (handles: readonly object[]) => {
  const found = await drop(handles);
  return found.kind === 'files' ? found.offer.files.map(({ path }) => path) : found.kind;
};

describe('a drop', () => {
  test('is taken whole before the browser empties it', async () => {
    expect(await paths([fileHandle('a.safetensors'), fileHandle('b.safetensors')])).toEqual([
      'a.safetensors',
      'b.safetensors',
    ]);
  });

  test('of a folder is walked in the order of names, hidden files left out', async () => {
    const inner = folderHandle('shards', [fileHandle('2.bin'), fileHandle('1.bin')]);
    const hidden = folderHandle('.git', [fileHandle('HEAD')]);
    const folder = folderHandle('model', [inner, fileHandle('config.json'), fileHandle('.DS_Store'), hidden]);
    expect(await paths([folder])).toEqual(['model/config.json', 'model/shards/1.bin', 'model/shards/2.bin']);
  });

  test('keeps the handles, so that it can be opened again', async () => {
    const found = await drop([folderHandle('model', [fileHandle('a.pt')])]);
    expect(found.kind === 'files' && found.offer.title).toBe('model');
    expect(found.kind === 'files' && found.offer.origin?.kind).toBe('folder');
  });

  test('with one file that is gone opens the others, and says which', async () => {
    const gone = {
      kind: 'file',
      name: 'gone.pt',
      getFile: () => Promise.reject(new DOMException('', 'NotFoundError')),
    };
    const found = await drop([gone, fileHandle('here.pt')]);
    expect(found.kind === 'files' && found.unread).toEqual(['gone.pt']);
    expect(found.kind === 'files' && found.offer.files.map(({ path }) => path)).toEqual(['here.pt']);
  });

  test('of an address asks, of other text makes a document', async () => {
    expect(await drop([], 'https://example.org/a.pt')).toEqual({ kind: 'url', url: 'https://example.org/a.pt' });
    expect(await drop([], '{"a": 1}')).toEqual({ kind: 'text', text: '{"a": 1}' });
    expect(await drop([])).toEqual({ kind: 'nothing' });
  });
});

test('two files with one path get different ones', () => {
  const found = ['m/a.pt', 'm/a.pt', 'm/a.pt', 'b', 'b'].map((path) => ({ path, file: file('x') }));
  expect(distinctPaths(found).map(({ path }) => path)).toEqual(['m/a.pt', 'm/a (2).pt', 'm/a (3).pt', 'b', 'b (2)']);
});

test('text of nothing but space is nothing', () => {
  expect(readText('  \n ')).toEqual({ kind: 'nothing' });
});
