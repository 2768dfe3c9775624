import type { Entry, StateDict } from '../../model/state-dict.ts';
import type { FindSteps } from './entry-steps.ts';
import type { Slot } from './slots.ts';

/** Which entries of an edited state stay at their places in the text, and the keys that those places get. */
export class SettledKeys {
  /** By row as it was read: the entry now; undefined when it is gone or goes elsewhere. */
  readonly stays: (Entry | undefined)[];
  /** To be put in at another place: what is new, and what goes elsewhere. */
  readonly moved: Entry[] = [];
  private readonly steps: (readonly (string | number)[])[];
  private readonly newKeys = new Map<Slot, string>();

  constructor(before: StateDict, after: StateDict, root: Slot, find: FindSteps) {
    this.stays = Array.from({ length: before.entries.length });
    this.steps = Array.from({ length: before.entries.length });
    for (let row = 0; row < after.entries.length; row++) {
      const entry = after.entries.at(row);
      const source = entry.source === undefined ? row : entry.source;
      if (source === null) this.moved.push(entry);
      else {
        this.stays[source] = entry;
        this.steps[source] = find(entry);
      }
    }
    this.settle(root, 0);
  }

  /** The key of a place that gets another one. */
  newKey(slot: Slot): string | undefined {
    return this.newKeys.get(slot);
  }

  keyOf(slot: Slot): string {
    return this.newKeys.get(slot) ?? slot.key;
  }

  firstEntry(slot: Slot): Entry | undefined {
    for (let row = slot.first; row < slot.end; row++) if (this.stays[row]) return this.stays[row];
    return undefined;
  }

  /** A place gets another key when no entry below it wants the old one; entries that want yet another, or to be elsewhere, leave. */
  private settle(slot: Slot, depth: number): void {
    const key = this.keyOf(slot);
    for (let row = slot.first; row < slot.end; row++) {
      const entry = this.stays[row];
      const path = this.steps[row];
      if (!entry || !path) continue;
      const fits = (depth === 0 || String(path[depth - 1]) === key) && (path.length === depth) === slot.isLeaf;
      if (fits) continue;
      this.moved.push(entry);
      this.stays[row] = undefined;
    }
    for (const child of slot.children) {
      const first = child.member && this.wantedKey(child, depth);
      if (first !== undefined && first !== child.key) this.newKeys.set(child, first);
      this.settle(child, depth + 1);
    }
  }

  /** The key it has when that is wanted at all, else the first that is. */
  private wantedKey(slot: Slot, depth: number): string | undefined {
    let first: string | undefined;
    for (let row = slot.first; row < slot.end; row++) {
      const step = this.stays[row] && this.steps[row]?.[depth];
      if (step === undefined) continue;
      if (String(step) === slot.key) return slot.key;
      first ??= String(step);
    }
    return first;
  }
}
