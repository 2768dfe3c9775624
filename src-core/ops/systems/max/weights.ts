import type { Problem } from '../../../model/state-dict.ts';
import { type Datum, isTagged, type Member, type Module, type Weight } from '../data.ts';
import { warning } from '../operation.ts';
import { raised } from '../raise.ts';

/** What a MAX Module has set: its weights by their own names, which of those names are shared, its child modules. */
export interface Layer {
  readonly weights: ReadonlyMap<string, Weight>;
  readonly shared: ReadonlySet<string>;
  readonly sublayers: ReadonlyMap<string, Module>;
}

/** `Module.__setattr__`: a weight goes under its own name, not the attribute's; a weight set again takes the old one out. */
export function readLayer(module: Module): Layer {
  const weights = new Map<string, Weight>();
  const shared = new Set<string>();
  const sublayers = new Map<string, Module>();
  const attributes = new Map<string, Datum>();
  for (const [attribute, value] of module.members) {
    const weight = weightOf(value);
    if (weight) {
      const before = weightOf(attributes.get(attribute) ?? null);
      if (before) weights.delete(before.name ?? attribute);
      weights.set(weight.name ?? attribute, weight);
      if (isTagged(value) && value.kind === 'shared') shared.add(attribute);
    } else if (isTagged(value) && value.kind === 'module') sublayers.set(attribute, value);
    attributes.set(attribute, value);
  }
  return { weights, shared, sublayers };
}

function weightOf(value: Datum): Weight | undefined {
  if (!isTagged(value)) return undefined;
  if (value.kind === 'weight') return value;
  return value.kind === 'shared' ? weightOf(value.weight) : undefined;
}

export interface NamedWeight {
  /** The fully qualified name. */
  readonly name: string;
  readonly weight: Weight;
}

/**
 * Every weight once, breadth first: the root's, then those of each level. A module met again is left out; one that omits its
 * name adds nothing to the names below it, so two weights can meet in one name, which raises.
 */
export function listWeights(root: Module, problems: Problem[] = []): readonly NamedWeight[] {
  const found: NamedWeight[] = [];
  const owners = new Map<string, string>();
  const visited = new Set<Module>();
  const queue: { shown: string; prefix: string; module: Module }[] = [{ shown: '', prefix: '', module: root }];
  for (let at = queue.shift(); at; at = queue.shift()) {
    const { shown, prefix, module } = at;
    if (visited.has(module)) continue;
    visited.add(module);
    const layer = readLayer(module);
    reportLost(module, prefix, layer, problems);
    for (const [own, weight] of layer.weights) {
      if (layer.shared.has(own)) continue;
      const name = prefix + own;
      const owner = owners.get(name);
      if (owner !== undefined) throw refuseDuplicate(name, owner, shown || '<root>');
      owners.set(name, shown || '<root>');
      found.push({ name, weight });
    }
    for (const [name, child] of layer.sublayers)
      queue.push({
        shown: shown ? `${shown}.${name}` : name,
        prefix: child.omitName ? prefix : `${prefix}${name}.`,
        module: child,
      });
  }
  return found;
}

/** A weight whose own name another weight of the layer took, and a shared one that is listed after all. */
function reportLost(module: Module, prefix: string, layer: Layer, problems: Problem[]): void {
  const attributes = new Map<string, Member[1]>(module.members);
  for (const [attribute, value] of attributes) {
    const weight = weightOf(value);
    if (!weight) continue;
    const own = weight.name ?? attribute;
    if (layer.weights.get(own) !== weight)
      problems.push(
        warning('weight-name', `${prefix + attribute} is lost: another weight of the layer has its name "${own}".`),
      );
    else if (isTagged(value) && value.kind === 'shared' && !layer.shared.has(own))
      problems.push(
        warning(
          'shared-listed',
          `${prefix + attribute} is shared, but is listed as ${prefix + own}: MAX compares its name "${own}" with the attribute's.`,
        ),
      );
  }
}

const refuseDuplicate = (name: string, first: string, second: string): Error =>
  raised(
    'max',
    'ValueError',
    `Duplicate weight FQN '${name}' produced by two distinct attribute paths: '${first}' and '${second}'. ` +
      "Two weights cannot share the same fully-qualified name in a module's state_dict. " +
      'This most often happens because one of the owning modules sets `_omit_module_attr_name = True` ' +
      '(notably `StackedLinear` with `stacked=False`).',
  );
