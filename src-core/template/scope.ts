type Load = 'resolve' | 'undefined' | 'alias' | 'parameter';

/**
 * Names of one scope, as Jinja2's compiler keeps them (`idtracking.py`): each is looked up in the context, comes from an outer scope, or
 * is made here. `set` in one branch alone leaves a name to be looked up.
 */
export class Scope {
  readonly loads = new Map<string, Load>();
  readonly stores = new Set<string>();
  readonly parent: Scope | undefined;

  constructor(parent?: Scope) {
    this.parent = parent;
  }

  knows(name: string): boolean {
    return this.loads.has(name) || (this.parent?.knows(name) ?? false);
  }

  load(name: string): void {
    if (!this.knows(name)) this.loads.set(name, 'resolve');
  }

  store(name: string): void {
    this.stores.add(name);
    if (!this.loads.has(name)) this.loads.set(name, this.parent?.knows(name) ? 'alias' : 'undefined');
  }

  declare(name: string): void {
    this.stores.add(name);
    this.loads.set(name, 'parameter');
  }

  copy(): Scope {
    const copy = new Scope(this.parent);
    for (const [name, load] of this.loads) copy.loads.set(name, load);
    for (const name of this.stores) copy.stores.add(name);
    return copy;
  }

  join(branches: readonly Scope[]): void {
    const stored = new Set(branches.flatMap(({ stores }) => [...stores].filter((name) => !this.stores.has(name))));
    for (const branch of branches) {
      for (const [name, load] of branch.loads) this.loads.set(name, load);
      for (const name of branch.stores) this.stores.add(name);
    }
    for (const name of stored) this.loads.set(name, this.parent?.knows(name) ? 'alias' : 'resolve');
  }
}
