import { detectText } from '../formats/text/detect.ts';

const EXTENSIONS = { json: 'json', toml: 'toml', yaml: 'yaml', plain: 'txt' } as const;

/** A file name for pasted text, by what the text is: `pasted.json`, `pasted.toml`, `pasted.yaml`, `pasted.txt`. */
export const nameText = async (text: string): Promise<string> => `pasted.${EXTENSIONS[await detectText(text)]}`;
