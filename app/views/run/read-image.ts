import { type RunTensor, StateglassError } from '../../../src-core/index.ts';

interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Weights of red, green and blue in grey (ITU-R BT.601). */
const GREY = [0.299, 0.587, 0.114] as const;

/** An image as [channels, height, width], or [height, width, channels] where the input has its channels last. It is scaled to fill, and its edges cut. */
export async function readImage(
  file: File,
  shape: readonly number[],
  { mean, std }: Normalisation,
): Promise<RunTensor> {
  const [channels, height, width] = shape.slice(-3);
  if (!channels || !height || !width) throw refuse('the input is no image');
  const bitmap = await createImageBitmap(file).catch(() => {
    throw refuse(`${file.name} is no image this browser can read`);
  });
  const scale = Math.max(width / bitmap.width, height / bitmap.height);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw refuse('this browser gives no room to draw the image');
  context.imageSmoothingQuality = 'high';
  const [drawnWidth, drawnHeight] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (width - drawnWidth) / 2, (height - drawnHeight) / 2, drawnWidth, drawnHeight);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = new Float32Array(channels * height * width);
  const area = height * width;
  for (let i = 0; i < area; i++) {
    const colours = [data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!].map((value) => value / 255);
    const grey = colours.reduce((sum, value, c) => sum + value * GREY[c]!, 0);
    for (let c = 0; c < channels; c++) {
      const value = channels === 1 ? grey : (colours[c] ?? 1);
      pixels[c * area + i] = (value - (mean[c] ?? 0)) / (std[c] ?? 1);
    }
  }
  return { dtype: 'f32', shape: [channels, height, width], data: pixels };
}

const refuse = (detail: string): StateglassError => new StateglassError({ kind: 'bad-input', detail });
