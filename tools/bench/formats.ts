/** What reading a format costs. `--part=NAME` measures one part alone. */
import { benchDequantise } from './dequantise.ts';
import { benchGguf } from './gguf.ts';
import { benchNpz } from './npz.ts';
import { benchOnnx } from './onnx.ts';

const PARTS: Readonly<Record<string, () => Promise<boolean>>> = {
  dequantise: benchDequantise,
  gguf: benchGguf,
  npz: benchNpz,
  onnx: benchOnnx,
};

export async function benchFormats(): Promise<boolean> {
  const asked = process.argv.find((arg) => arg.startsWith('--part='))?.slice('--part='.length);
  const parts = Object.keys(PARTS).filter((name) => asked === undefined || name === asked);
  if (parts.length === 0) throw new Error(`no part "${asked}"; there are: ${Object.keys(PARTS).join(', ')}`);
  let good = true;
  for (const name of parts) good = (await PARTS[name]?.()) === true && good;
  return good;
}
