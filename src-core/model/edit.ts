/**
 * One act on a state dict as plain JSON: what a recipe holds, what is undone, what loading and comparing propose. `args` are of the
 * op named `op`.
 */
export interface Edit {
  readonly op: string;
  readonly args: unknown;
}
