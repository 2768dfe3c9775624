/** Numbered layers, run one after the other. A number that is missing is a layer that stores nothing. */
import type { Assumptions } from './assumptions.ts';
import { applyActivation, applyGuessedPool, fitToLinear, MAX2, MAX3 } from './between-layers.ts';
import type { GraphBuilder, Value } from './build.ts';
import { chainOf, layerBehind } from './chain.ts';
import { askLayout, type Layout } from './layout.ts';
import { findTensor, joinPath, type ModuleNode, numberedChildren } from './module-node.ts';
import { endsOf, leavesOf, type Role, roleOf } from './module-parts.ts';
import { lowerPlainLayer } from './plain-layers.ts';
import type { PrintedModule } from './printed.ts';

interface Place {
  readonly path: string;
  readonly child?: ModuleNode;
  readonly printed?: PrintedModule;
}

/** Whether what is printed says which layers these are, those that store nothing too. */
const isPrinted = (printed: PrintedModule | undefined): printed is PrintedModule =>
  printed !== undefined && /^(Sequential|ModuleList)$/.test(printed.type) && printed.children.size > 0;

/** In the order they are run. */
function placesOf(module: ModuleNode, assume: Assumptions): readonly Place[] {
  const printed = assume.printedAt(module.path);
  if (isPrinted(printed))
    return [...printed.children].map(([name, layer]) => {
      const child = module.children.get(name);
      return { path: joinPath(module.path, name), printed: layer, ...(child && { child }) };
    });
  const children = new Map(numberedChildren(module));
  const last = Math.max(...children.keys());
  return Array.from({ length: last + 1 }, (_, i) => {
    const child = children.get(i);
    return { path: joinPath(module.path, String(i)), ...(child && { child }) };
  });
}

export const firstLayerOf = (module: ModuleNode): ModuleNode => leavesOf(numberedChildren(module)[0]![1])[0]!;

export function runSequence(module: ModuleNode, input: Value, assume: Assumptions, g: GraphBuilder): Value {
  const places = placesOf(module, assume);
  const known = isPrinted(assume.printedAt(module.path));
  const run = new Run(module, assume, g, input);
  places.forEach((place, i) => {
    if (place.child) run.layer(place.child);
    else if (place.printed) run.plain(place.path, place.printed);
    else run.missing(place.path, i, places);
    if (place.child && module.kind === 'ModuleList' && places[i + 1]?.child)
      run.betweenListed(place.child, places[i + 1]!.child!);
  });
  if (!known) run.trailing(places.length);
  return run.value;
}

/** The state between layers. */
class Run {
  value: Value;
  private readonly module: ModuleNode;
  private readonly assume: Assumptions;
  private readonly g: GraphBuilder;
  /** Of the last layer that said it. */
  private layout: Layout = 'nchw';
  private before: Role | undefined;

  constructor(module: ModuleNode, assume: Assumptions, g: GraphBuilder, input: Value) {
    this.module = module;
    this.assume = assume;
    this.g = g;
    this.value = input;
  }

  layer(child: ModuleNode): void {
    const first = leavesOf(child)[0]!;
    const role = roleOf(first);
    if (role === 'linear' && this.isImage(first)) this.fit(first);
    this.value = this.g.apply(child, this.value);
    const last = leavesOf(child).at(-1)!;
    const lastRole = roleOf(last);
    if (lastRole === 'conv') this.layout = askLayout(last, this.assume);
    if (lastRole !== 'norm' && lastRole !== 'slope') this.before = lastRole;
    else this.before ??= this.value.shape.length > 2 ? 'conv' : 'linear';
  }

  plain(path: string, printed: PrintedModule): void {
    this.value = lowerPlainLayer(path, printed, this.value, this.assume, this.g);
    this.g.tap(path, this.value);
  }

  /** Behind a layer first an activation, then a pool, then nothing (Dropout); an image is flat before a linear layer. */
  missing(path: string, index: number, places: readonly Place[]): void {
    const start = places.findLastIndex((place, i) => i < index && place.child) + 1;
    const end = places.findIndex((place, i) => i > index && place.child);
    const next = leavesOf(places[end]!.child!)[0]!;
    const isFirst = index === start;
    const flattens = roleOf(next) === 'linear' && this.isImage(next);
    if (flattens && index === end - 1) this.fit(next);
    else if (isFirst && (this.before === 'conv' || this.before === 'linear')) this.activate(path);
    else if (this.isConvolved() && index === start + 1) this.pool(path, flattens ? this.wanted(next) : undefined);
    this.g.tap(path, this.value);
  }

  /** In a list nothing stands between layers; what runs it puts an activation there. */
  betweenListed(child: ModuleNode, next: ModuleNode): void {
    const role = roleOf(child);
    if ((role === 'linear' || role === 'conv') && role === roleOf(next) && leavesOf(child)[0] === child)
      this.activate(child.path);
  }

  /** What stands behind the last layer is not numbered; what the whole network goes on with tells. */
  trailing(count: number): void {
    const { parent } = this.module;
    const behind = parent && layerBehind(chainOf(parent) ?? [], this.module.name);
    if (!behind || !this.isConvolved() || behind.role === 'residual') return;
    const at = (number: number) => joinPath(this.module.path, String(number));
    this.activate(at(count));
    this.g.tap(at(count), this.value);
    // What enlarges an image again takes it as it is.
    if (behind.layer.kind.startsWith('ConvTranspose')) return;
    this.pool(at(count + 1), behind.role === 'linear' ? this.wanted(behind.layer) : undefined);
    this.g.tap(at(count + 1), this.value);
  }

  private isConvolved(): boolean {
    return this.before === 'conv' && this.value.shape.length > 2;
  }

  /** Whether the rows that a linear layer is given are those of an image. */
  private isImage(next: ModuleNode): boolean {
    const takes = endsOf(next)?.takes;
    return (
      this.value.shape.length > 2 &&
      (this.before === 'conv' || this.before === 'residual' || this.value.shape.at(-1) !== takes)
    );
  }

  private wanted(linear: ModuleNode): number | undefined {
    const channels = this.value.shape[this.layout === 'nchw' ? 1 : this.value.shape.length - 1];
    const takes = endsOf(linear)?.takes;
    return takes === undefined || typeof channels !== 'number' ? undefined : takes / channels;
  }

  private activate(path: string): void {
    this.value = applyActivation(path, this.value, this.assume, this.g);
  }

  private pool(path: string, wanted: number | undefined): void {
    this.value = applyGuessedPool(path, this.value, this.layout, this.assume, this.g, {
      usual: this.beginsLikeAlexNet() ? MAX3 : MAX2,
      ...(wanted !== undefined && { wanted }),
    });
  }

  private beginsLikeAlexNet(): boolean {
    const first = leavesOf(this.module)[0]!;
    return first.kind === 'Conv2d' && findTensor(first, 'weight')?.shape[2] === 11;
  }

  private fit(linear: ModuleNode): void {
    this.value = fitToLinear(linear, this.value, this.layout, this.assume, this.g, false);
  }
}
