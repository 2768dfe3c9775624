export function findBrowser(): string | undefined;
export function findShell(): string | undefined;
export const BROWSER_ARGS: string[];
