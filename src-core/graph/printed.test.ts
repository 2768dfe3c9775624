import { describe, expect, test } from 'vitest';
import { PrintedModel, parsePrinted } from './printed.ts';

/** `repr` of PyTorch 2.13, as `print(model)` shows it and on one line as a file keeps it. */
const PRINTED = `Net(
  (stem): Sequential(
    (0): Conv2d(3, 8, kernel_size=(3, 5), stride=(2, 1), padding=same, bias=False)
    (1): BatchNorm2d(8, eps=1e-05, momentum=None, affine=True, track_running_stats=True)
    (2): LeakyReLU(negative_slope=0.2, inplace=True)
    (3): GELU(approximate='tanh')
    (4): AdaptiveAvgPool2d(output_size=(1, None))
  )
  (blocks): ModuleList(
    (0-2): 3 x Block(
      (fc): Linear(in_features=8, out_features=8, bias=True)
    )
    (3): Block(
      (fc): Linear(in_features=8, out_features=4, bias=True)
    )
  )
  (empty): Sequential()
)`;

describe.each([
  ['on several lines', PRINTED],
  ['on one line', PRINTED.replace(/\s+/g, ' ')],
])('a printed model %s', (_, text) => {
  const model = parsePrinted(text)!;

  test('tells classes and their arguments', () => {
    const [conv, norm, leaky, gelu, pool] = [...model.children.get('stem')!.children.values()];
    expect([conv!.type, ...conv!.positional]).toEqual(['Conv2d', 3, 8]);
    expect(Object.fromEntries(conv!.named)).toEqual({
      kernel_size: [3, 5],
      stride: [2, 1],
      padding: 'same',
      bias: false,
    });
    expect([norm!.named.get('eps'), norm!.named.get('momentum')]).toEqual([1e-5, undefined]);
    expect(leaky!.named.get('negative_slope')).toBe(0.2);
    expect(gelu!.named.get('approximate')).toBe('tanh');
    expect(pool!.named.get('output_size')).toBe('1, None');
  });

  test('has each of the modules that are printed once for several', () => {
    const blocks = [...model.children.get('blocks')!.children];
    expect(blocks.map(([name]) => name)).toEqual(['0', '1', '2', '3']);
    expect(blocks[2]![1].children.get('fc')!.named.get('out_features')).toBe(8);
    expect(model.children.get('empty')!.children.size).toBe(0);
  });

  test('is searched by path, under a prefix that only the file has', () => {
    const find = (place: string, path: string) => new PrintedModel(text, place).find(path)?.type;
    expect(find('', 'stem.1')).toBe('BatchNorm2d');
    expect(find('module.stem', '1')).toBe('BatchNorm2d');
    expect(find('blocks.3', 'fc')).toBe('Linear');
    expect(find('', 'stem.9')).toBeUndefined();
  });
});

test.each(['', 'Net(', 'Net((0): Linear(', 'no model at all', 'Net((0) Linear())', `${'A((x): '.repeat(600)}`])(
  'a text that is none is refused: %#',
  (text) => {
    expect(parsePrinted(text)).toBeUndefined();
  },
);

test('a long text is read in a time that grows with it', () => {
  const spaces = ' '.repeat(200_000);
  const begun = performance.now();
  parsePrinted(`Net(a${spaces}b${spaces}`);
  parsePrinted(`Net(x${spaces}=${spaces}(`);
  expect(performance.now() - begun).toBeLessThan(2000);
});
