import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Both headers make the page cross-origin isolated, which threads of WASM need. The app also works without. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** React's refresh in `npm run dev` needs an inline script, which the page's policy forbids. What is built keeps the policy. */
const withoutPolicyInDev: Plugin = {
  name: 'without-policy-in-dev',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
};

/** Loading a module of the core does nothing by itself: what the page, or a worker, takes none of stays out of it. */
const ONLY_WHAT_IS_USED = { treeshake: { moduleSideEffects: [{ test: /\/src-core\//, sideEffects: false }] } };

export default defineConfig({
  base: './',
  plugins: [react(), withoutPolicyInDev],
  server: { headers: ISOLATION },
  preview: { headers: ISOLATION },
  worker: { format: 'es', rolldownOptions: ONLY_WHAT_IS_USED },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 6000,
    reportCompressedSize: false,
    rolldownOptions: ONLY_WHAT_IS_USED,
  },
});
