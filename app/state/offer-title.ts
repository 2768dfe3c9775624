/** What files brought together are called: their folder, or the first of them. */
export function titleOfPaths(paths: readonly string[]): string {
  const first = paths[0] ?? 'an empty folder';
  const top = first.split('/')[0]!;
  if (paths.length > 1 && first.includes('/') && paths.every((path) => path.startsWith(`${top}/`))) return top;
  return paths.length > 1 ? `${first} and ${paths.length - 1} more` : first;
}
