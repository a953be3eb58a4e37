import { configDefaults, defineConfig } from 'vitest/config'
import usual from './vitest.config.ts'

/** What takes a minute and more, so that `npm test` is soon done. */
export default defineConfig({
  test: { ...usual.test, include: ['test/**/*.long.test.ts'], exclude: [...configDefaults.exclude] },
})
