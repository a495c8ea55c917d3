import { defineConfig } from 'vitest/config'

const shared = { pool: 'forks', testTimeout: 300_000, hookTimeout: 300_000 } as const

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/setup/summary.ts'],
    projects: [
      { test: { ...shared, name: 'tidy', include: ['test/tidy.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'gouji',
          include: ['test/**/*.test.ts'],
          exclude: ['test/tidy.test.ts'],
          globalSetup: [
            'test/setup/build.ts',
            'test/setup/postgres.ts',
            'test/setup/programs.ts',
            'test/setup/tesseract.ts',
          ],
        },
      },
    ],
  },
})
