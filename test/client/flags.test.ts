import { setTimeout as sleep } from 'node:timers/promises'
import { type EvaluationContext, InMemoryProvider, OpenFeature } from '@openfeature/server-sdk'
import { expect, test } from 'vitest'
import type { PercentFlag } from '../../src/client/flag-limits.ts'
import { createRamp, readSide, waitForPercent } from './ramp-fixture.ts'

async function createFlagged(percent: PercentFlag, state = 100) {
  const ramp = await createRamp()
  await ramp.setPercent(state)
  const pool = ramp.wrap({ percent, random: () => 0.4 })
  await waitForPercent(pool, state)
  return { ...ramp, pool }
}

test('OpenFeature drives the share: never above what was approved, and old until it has answered', async () => {
  const flag = (percent: number) => ({
    'crossfade-reads': {
      variants: { given: percent, none: 0 },
      defaultVariant: 'given',
      disabled: false,
      contextEvaluator: ({ table }: EvaluationContext) => (table === 'posts' ? 'given' : 'none'),
    },
  })
  const provider = new InMemoryProvider(flag(100))
  await OpenFeature.setProviderAndWait('crossfade-test', provider)
  const flags = OpenFeature.getClient('crossfade-test')
  const { pool, setPercent, warnings } = await createFlagged((table) =>
    flags.getNumberValue('crossfade-reads', 0, { table }),
  )
  expect(await readSide(pool)).toBe('old')
  await expect.poll(() => readSide(pool)).toBe('new')
  await provider.putConfiguration(flag(0))
  await expect.poll(() => readSide(pool), { timeout: 5_000 }).toBe('old')
  await provider.putConfiguration(flag(1_000))
  await expect.poll(() => readSide(pool), { timeout: 5_000 }).toBe('new')
  // 0.4 lies above 30 %, whatever the flag says.
  await setPercent(30)
  await waitForPercent(pool, 30)
  expect(await readSide(pool)).toBe('old')
  expect(warnings).toEqual([])
  await OpenFeature.clearProviders()
})

test('a number counts at once, for each read', async () => {
  let percent = 50
  const asked: string[] = []
  const { pool } = await createFlagged((table) => {
    asked.push(table)
    return percent
  })
  expect(await readSide(pool)).toBe('new')
  percent = 40
  expect(await readSide(pool)).toBe('old')
  percent = 41
  expect(await readSide(pool)).toBe('new')
  expect(asked).toEqual(['posts', 'posts', 'posts'])
})

test('a flag that fails, hangs or is none: its last answer stays, told once, and no read waits', async () => {
  let answer = (): number | Promise<number> => Promise.reject(new Error('service down'))
  const { pool, warnings } = await createFlagged(() => answer())
  expect([await readSide(pool), await readSide(pool)]).toEqual(['old', 'old'])
  expect(warnings).toEqual([expect.stringMatching(/posts.*service down/)])
  answer = () => 100
  await expect.poll(() => readSide(pool), { timeout: 5_000 }).toBe('new')
  answer = () => {
    throw new Error('broken')
  }
  expect(await readSide(pool)).toBe('new')
  answer = () => Number.NaN
  expect(await readSide(pool)).toBe('new')
  answer = () => new Promise(() => {})
  for (let i = 0; i < 3; i += 1) expect(await readSide(pool)).toBe('new')
  expect(warnings).toHaveLength(3)
})

test('a promise is asked for once a second', async () => {
  let asked = 0
  const { pool } = await createFlagged(async () => {
    asked += 1
    return 100
  })
  const until = performance.now() + 1_500
  while (performance.now() < until) {
    await readSide(pool)
    await sleep(5)
  }
  expect(asked).toBe(2)
})

test('it is not asked where the new side is not read', async () => {
  let asked = 0
  const { pool } = await createFlagged(() => {
    asked += 1
    return 100
  }, 0)
  await expect.poll(() => pool.crossfade.stats().version).not.toBeNull()
  expect(await readSide(pool)).toBe('old')
  expect(asked).toBe(0)
})
