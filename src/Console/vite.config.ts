import { defineConfig } from 'vite';

const server = process.env['WAYPOST_SERVER'] ?? 'http://127.0.0.1:8080';

// Relative addresses: the console also works behind a proxy that puts it under a path.
export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'maplibre', test: /node_modules\/(@maplibre|maplibre-gl)/ }] } },
    },
  },
  // `npm run dev` beside a running server: the page from Vite, the data from the server.
  server: { proxy: Object.fromEntries(['/api', '/tiles', '/platform'].map((path) => [path, server])) },
});
