import { defineConfig } from 'vitest/config';

// The cards that the tests draw are the ones that the Python tests draw too, outside of this folder.
export default defineConfig({ server: { fs: { allow: ['..'] } }, test: { environment: 'jsdom' } });
