import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runPickle } from '../../bytes/pickle/machine.ts';
import { allowedGlobals } from './allowed-globals.ts';
import { rateGlobal } from './risk.ts';
import { WeightsOnlyJudge } from './weights-only.ts';

const LIST = join(import.meta.dirname, '../../fixtures/pickle/weights-only.txt');

it('allows exactly the names torch allows', () => {
  expect([...allowedGlobals()].sort()).toEqual(readFileSync(LIST, 'utf8').trim().split('\n'));
});

function judge(pickle: string): string | undefined {
  const bytes = Uint8Array.from(pickle, (char) => char.charCodeAt(0));
  const watcher = new WeightsOnlyJudge();
  return watcher.verdict(runPickle(bytes, { file: 'x', watch: watcher.watch }).opcodes);
}

describe('the verdict', () => {
  it.each([
    ['an empty OrderedDict', '\x80\x02ccollections\nOrderedDict\n)R.'],
    ['attributes of an OrderedDict', '\x80\x02ccollections\nOrderedDict\n)R}b.'],
    ['a set of Python 2', '\x80\x02c__builtin__\nset\n]\x85R.'],
    ['items of a Counter', '\x80\x02ccollections\nCounter\n)RNNs.'],
    ['a storage', '\x80\x02(X\x07\x00\x00\x00storageNtQ.'],
    ['a parameter made directly', '\x80\x02ctorch.nn.parameter\nParameter\n)\x81.'],
    ['a dtype that is only named', '\x80\x02ctorch\nfloat32\n.'],
  ])('takes %s', (_, pickle) => expect(judge(pickle)).toBeUndefined());

  it.each([
    ['os.system', '\x80\x02cos\nsystem\n.', /blocked/],
    ['a class of a project', '\x80\x02cmy.code\nThing\n.', /my\.code\.Thing is not an allowed/],
    ['calling a dtype', '\x80\x02ctorch\nfloat32\n)R.', /no function/],
    ['calling what a call gave', '\x80\x02ccollections\nOrderedDict\n)R)R.', /reduce is called/],
    ['an object of a function', '\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)\x81.', /object of/],
    ['the state of a dict', '\x80\x02}}b.', /state of a dict/],
    ['the state of bytes', '\x80\x02c_codecs\nencode\n)R}b.', /state of a bytes/],
    ['appending to an OrderedDict', '\x80\x02ccollections\nOrderedDict\n)RNa.', /appended to a OrderedDict/],
    ['items on a set', '\x80\x02c__builtin__\nset\n)RNNs.', /set on a set/],
    ['another persistent id', '\x80\x02(X\x06\x00\x00\x00modulet.'.replace('t.', 'tQ.'), /persistent id/],
    ['opcodes of protocol 4', '\x80\x04\x8c\x01a.', /SHORT_BINUNICODE/],
    ['a name found by STACK_GLOBAL', '\x80\x02X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93.', /STACK_GLOBAL/],
  ])('refuses %s', (_, pickle, why) => expect(judge(pickle)).toMatch(why));

  it('gives the first reason, not the last', () => {
    expect(judge('\x80\x02cmy\nfirst\ncmy\nsecond\n\x86.')).toMatch(/my\.first/);
    expect(judge('\x80\x02\x8c\x01acmy\nlater\n\x86.')).toMatch(/SHORT_BINUNICODE/);
  });
});

describe('the rating', () => {
  it.each([
    ['torch._utils', '_rebuild_tensor_v2', 'safe'],
    ['torch', 'FloatStorage', 'safe'],
    ['__builtin__', 'set', 'safe'],
    ['numpy.core.multiarray', '_reconstruct', 'data'],
    ['numpy._core.multiarray', 'scalar', 'data'],
    ['argparse', 'Namespace', 'data'],
    ['datetime', 'datetime', 'data'],
    ['torch.nn.modules.linear', 'Linear', 'data'],
    ['torch._utils', 'torch.channels_last', 'data'],
    ['my_project.models', 'Net', 'unknown'],
    ['iolib', 'Reader', 'unknown'],
    ['os', 'system', 'code'],
    ['posix', 'system', 'code'],
    ['os.path', 'join', 'code'],
    ['__builtin__', 'eval', 'code'],
    ['__builtin__', 'getattr', 'code'],
    ['subprocess', 'Popen', 'code'],
    ['torch.hub', 'load', 'code'],
    ['torch', 'hub.load', 'code'],
    ['torch.storage', '_load_from_bytes', 'code'],
    ['torch.fx.graph_module', 'reduce_graph_module', 'code'],
    ['numpy.testing._private.utils', 'runstring', 'code'],
    ['functools', 'partial', 'code'],
  ] as const)('%s %s is %s', (module, name, risk) => expect(rateGlobal(module, name)).toBe(risk));
});
