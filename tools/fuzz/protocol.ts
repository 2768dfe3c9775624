export interface Order {
  readonly seed: number;
  /** The first input to try; the others follow until the process is ended. */
  readonly from: number;
}

export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'begin'; readonly input: number }
  | {
      readonly kind: 'end';
      readonly input: number;
      readonly format: string;
      readonly answer: 'opened' | 'declined' | 'refused';
      readonly cpuMs: number;
      /** What should not have been. */
      readonly wrong?: string;
    };
