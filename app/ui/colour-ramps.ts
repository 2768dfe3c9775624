/**
 * Colours by number, legible to every kind of colour vision: blue to orange through the ground (sign is the hue, size the
 * contrast to it), and viridis, whose lightness grows evenly.
 */
export type Ramp = 'diverging' | 'sequential';

/** What is not a number between the ends; in neither ramp. */
export const ODD_COLOUR = '#d61f9c';

const ANCHORS: Readonly<Record<'diverging-light' | 'diverging-dark' | 'sequential', readonly string[]>> = {
  'diverging-light': [
    '#08407f',
    '#1f6bb0',
    '#5f9fd2',
    '#b0d0ea',
    '#f4f4f2',
    '#f8d3a8',
    '#e79a4b',
    '#c0651a',
    '#7f3a05',
  ],
  'diverging-dark': ['#a5d3ff', '#63aaf0', '#3477bd', '#1d4268', '#191a1d', '#5c3512', '#ab6320', '#e8954a', '#ffcf9c'],
  sequential: ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725'],
};

export const anchorsOf = (ramp: Ramp, dark: boolean): readonly string[] =>
  ANCHORS[ramp === 'sequential' ? 'sequential' : dark ? 'diverging-dark' : 'diverging-light'];

export const LEVELS = 256;

type Colour = readonly [red: number, green: number, blue: number];

const parseHex = (hex: string): Colour => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as never;

/** Bytes of a pixel in an ImageData, whatever the machine's byte order. */
const pixel = ([red, green, blue]: Colour): number =>
  new Uint32Array(Uint8Array.of(Math.round(red), Math.round(green), Math.round(blue), 255).buffer)[0]!;

/** LEVELS pixels from the lowest to the highest, and after them the one for what is odd. */
export function rampPixels(ramp: Ramp, dark: boolean): Uint32Array<ArrayBuffer> {
  const anchors = anchorsOf(ramp, dark).map(parseHex);
  const pixels = new Uint32Array(LEVELS + 1);
  for (let level = 0; level < LEVELS; level++) {
    const at = (level / (LEVELS - 1)) * (anchors.length - 1);
    const [from, part] = [
      Math.min(Math.floor(at), anchors.length - 2),
      at - Math.min(Math.floor(at), anchors.length - 2),
    ];
    const [a, b] = [anchors[from]!, anchors[from + 1]!];
    pixels[level] = pixel(a.map((channel, i) => channel + (b[i]! - channel) * part) as never);
  }
  pixels[LEVELS] = pixel(parseHex(ODD_COLOUR));
  return pixels;
}
