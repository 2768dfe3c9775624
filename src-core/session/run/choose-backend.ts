import type { Backend, RunnerFacts } from '../ports.ts';
import type { RunForecast } from './forecast.ts';

/** `auto`: WebGPU where it serves, WASM where it does not. */
export type WantedBackend = Backend | 'auto';

export interface ChosenBackend {
  readonly backend: Backend;
  /** Why it is not WebGPU, as the end of "runs on WASM because …". */
  readonly why?: string;
}

/** Where a module is run, by what there is and what it needs. */
export function chooseBackend(
  wanted: WantedBackend,
  { adapter, why }: RunnerFacts,
  { largestWeight }: RunForecast,
): ChosenBackend {
  if (wanted === 'wasm') return { backend: 'wasm', why: 'it was chosen' };
  if (!adapter) return { backend: 'wasm', why: why ?? 'there is no WebGPU here' };
  const room = Math.min(adapter.maxBufferSize, adapter.maxStorageBufferBindingSize);
  if (largestWeight > room)
    return {
      backend: 'wasm',
      why: `its largest weight takes ${largestWeight} bytes as f32, and one buffer of this GPU holds ${room}`,
    };
  if (wanted === 'auto' && isSoftware(adapter.architecture))
    return { backend: 'wasm', why: 'the only WebGPU adapter here computes in software, which is slower' };
  return { backend: 'webgpu' };
}

const isSoftware = (architecture: string): boolean => /swiftshader|llvmpipe|software/i.test(architecture);
