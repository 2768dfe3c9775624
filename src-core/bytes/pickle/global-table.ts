import type { GlobalNode } from './nodes.ts';

/** One name a pickle would import, and what it does with it. */
export interface GlobalUse {
  readonly node: GlobalNode;
  /** Offset of the first mention. */
  readonly at: number;
  /** How often it is named by an opcode; recalls from the memo are not counted. */
  readonly mentions: number;
  /** How often it is applied to arguments. */
  readonly calls: number;
}

/** The names of one pickle: one node each, so that they can be compared and looked up by identity. */
export class GlobalTable {
  private readonly byModule = new Map<
    string,
    Map<string, { node: GlobalNode; at: number; mentions: number; calls: number }>
  >();
  private readonly uses = new Map<GlobalNode, { node: GlobalNode; at: number; mentions: number; calls: number }>();

  name(module: string, name: string, at: number): GlobalNode {
    let names = this.byModule.get(module);
    if (!names) {
      names = new Map();
      this.byModule.set(module, names);
    }
    let use = names.get(name);
    if (!use) {
      use = { node: { kind: 'global', module, name }, at, mentions: 0, calls: 0 };
      names.set(name, use);
      this.uses.set(use.node, use);
    }
    use.mentions++;
    return use.node;
  }

  call(node: GlobalNode): void {
    const use = this.uses.get(node);
    if (use) use.calls++;
  }

  list(): GlobalUse[] {
    return [...this.uses.values()];
  }
}
