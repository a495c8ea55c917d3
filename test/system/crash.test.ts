/** The short form of `npm run test:crash`: nothing is lost and nothing doubled, whoever dies when. */
import { expect, it } from 'vitest'
import { crash } from './crash.ts'

it('reads each document once, while workers, Redis and PostgreSQL are killed', async () => {
  const setup = { documents: 120, workers: 4, kills: 12, restarts: 1, seed: 1, secondsMax: 500, tell: () => {} }
  const { differences, wrong, ...figures } = await crash(setup)
  expect({ differences, wrong }).toEqual({ differences: [], wrong: [] })
  expect(figures).toMatchObject({ documents: 120, kills: 12, redisRestarts: 1, postgresRestarts: 1, freezes: 1 })
  expect(Object.values(figures.outcomes).reduce((sum, count) => sum + count, 0)).toBe(120)
  expect(figures.facts).toBeGreaterThan(10_000)
}, 600_000)
