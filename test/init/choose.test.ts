import { expect, test } from 'vitest'
import { chooseCode, chooseSession, chooseUrl, describeCandidate, showName } from '../../src/init/choose.ts'
import { asked, candidate, SECRET } from './candidates.ts'

const POOLER = candidate('DATABASE_URL', 'x.pooler.supabase.com', 6543)
const DIRECT = candidate('DIRECT_URL', 'direct', 5432)
const OTHER = candidate('OTHER', 'other', 5432, null)

test('of several databases a person says which; Enter and nobody take the first', async () => {
  const all = [POOLER, DIRECT, OTHER]
  const { ask, questions } = asked('4', 'x', '2', '', 'OTHER')
  expect(await chooseUrl(all, ask)).toBe(DIRECT)
  expect(questions).toHaveLength(3)
  expect(await chooseUrl(all, ask)).toBe(POOLER)
  expect(await chooseUrl(all, ask)).toBe(OTHER)
  expect(questions.join()).not.toContain(SECRET)
  expect(await chooseUrl(all, null)).toBe(POOLER)
  expect(await chooseUrl([DIRECT], ask)).toBe(DIRECT)
  expect(await chooseUrl([], ask)).toBe(null)
})

test('instead of the pooler its session port, under a variable of its own, unless a person wants it so', async () => {
  const taken = await chooseSession(POOLER, [POOLER], null)
  expect(taken).toMatchObject({ settings: { env: 'DIRECT_URL', file: '.env' }, toSet: 'port 5432 in place of 6543' })
  expect(taken.url).toContain('.com:5432/')
  // The name has a meaning already.
  expect((await chooseSession(POOLER, [POOLER, DIRECT], asked('').ask)).settings.env).toBe('CROSSFADE_DATABASE_URL')
  const { ask, questions } = asked('n')
  expect(await chooseSession(POOLER, [POOLER], ask)).toMatchObject({
    settings: { env: 'DATABASE_URL' },
    url: POOLER.url,
    toSet: null,
  })
  expect(questions.join()).not.toContain(SECRET)
  expect(await chooseSession(OTHER, [OTHER], ask)).toMatchObject({
    settings: { env: 'OTHER' },
    url: OTHER.url,
    toSet: null,
  })
})

test('folders that are not there are asked for again', async () => {
  const isThere = (path: string): boolean => path !== 'gone'
  const { ask, questions } = asked('src, gone', 'src ,apps/web', '')
  expect(await chooseCode(['lib'], isThere, ask)).toEqual(['src', 'apps/web'])
  expect(questions[1]).toMatch(/^There is no gone\. /)
  expect(await chooseCode(['lib'], isThere, ask)).toEqual(['lib'])
  expect(await chooseCode(['lib'], isThere, null)).toEqual(['lib'])
})

test('what is shown has no password, and names can do nothing to the terminal', () => {
  expect(describeCandidate(POOLER)).toBe(
    'DATABASE_URL in .env: x.pooler.supabase.com:6543, database d, user me, a pooler in transaction mode',
  )
  expect(describeCandidate(OTHER)).toBe('OTHER: other:5432, database d, user me')
  expect(showName('apps/web')).toBe('apps/web')
  expect(showName('a\n\u001b[2J\u202eb')).toBe('"a\\n\\u001b[2J\\u{202e}b"')
})
