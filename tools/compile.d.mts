export function compile(entry: string, inputs: readonly string[]): Promise<string>;
export function compileWorker(): Promise<string>;
export function compileCommand(): Promise<string>;
