import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['node_modules/**', 'dist/**', 'e2e/**'],
    testTimeout: 60_000,
    // Files share the modules they import; nothing of ours keeps a state past a test.
    isolate: false,
    // One less by default, which is one of two.
    maxWorkers: '100%',
  },
});
