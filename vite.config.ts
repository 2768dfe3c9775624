import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Both headers make the page cross-origin isolated, which threads of WASM need. The app also works without. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './',
  plugins: [react()],
  server: { headers: ISOLATION },
  preview: { headers: ISOLATION },
  worker: { format: 'es' },
  build: { target: 'es2023', chunkSizeWarningLimit: 6000, reportCompressedSize: false },
});
