import { defineConfig } from 'vitest/config';

// The cards that the tests draw are the ones that the Python tests draw too, outside of this folder.
// A busy machine may be slow: the time limits end only what hangs.
export default defineConfig({
  server: { fs: { allow: ['..'] } },
  test: { environment: 'jsdom', testTimeout: 60_000, hookTimeout: 60_000 }
});
