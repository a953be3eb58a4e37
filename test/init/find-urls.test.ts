import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findUrls, type UrlPlaces } from '../../src/init/find-urls.ts'
import { projectFolder } from './project-folder.ts'

const SECRET = 'Ungues5able'
const at = (host: string, rest = '/d'): string => `postgres://me:${SECRET}@${host}${rest}`

async function find(files: Record<string, string>, places: Partial<UrlPlaces> = {}) {
  const cwd = await projectFolder(files)
  const { candidates, warnings } = await findUrls({ cwd, environment: {}, ...places })
  expect(JSON.stringify(warnings)).not.toContain(SECRET)
  return { found: candidates.map(({ env, file, target }) => `${env} ${file} ${target.host}:${target.port}`), warnings }
}

test('known names go before own ones, direct URLs before poolers, the environment before files, a local database last', async () => {
  const { found, warnings } = await find(
    {
      '.env.local': `DIRECT_URL=${at('local')}`,
      '.env': `DIRECT_URL=${at('direct')}\nANALYTICS=${at('own')}\nDATABASE_URL=${at('x.pooler.supabase.com:6543')}`,
      '.env.development': `POSTGRES_URL=${at('development')}\nTEST_URL=${at('test')}\nSHADOW_DATABASE_URL=${at('shadow')}`,
      '.env.example': `DATABASE_URL=${at('example')}`,
      'supabase/config.toml': '[db]\nport = 55322\n',
    },
    { environment: { SUPABASE_DB_URL: at('environment'), PGHOST: 'libpq', PGPORT: '6000' } },
  )
  expect(found).toEqual([
    'DIRECT_URL .env.local local:5432',
    'DIRECT_URL .env direct:5432',
    'POSTGRES_URL .env.development development:5432',
    'SUPABASE_DB_URL null environment:5432',
    'DATABASE_URL .env x.pooler.supabase.com:6543',
    'ANALYTICS .env own:5432',
    'PGHOST null libpq:6000',
    'DATABASE_URL supabase/config.toml 127.0.0.1:55322',
  ])
  expect(warnings).toEqual([])
})

test('what the environment has too is one, and keeps its file; another value in a file is passed over', async () => {
  const environment = { DATABASE_URL: at('same'), DIRECT_URL: at('other') }
  const { found, warnings } = await find(
    { '.env': `DATABASE_URL=${at('same')}\nDIRECT_URL=${at('file')}`, 'supabase/config.toml': '' },
    { environment },
  )
  expect(found).toEqual(['DATABASE_URL .env same:5432', 'DIRECT_URL null other:5432'])
  expect(warnings).toEqual(['DIRECT_URL in .env is passed over: the environment has another value, which goes before.'])
})

test('what is no URL of Postgres is left out with the reason, and what can not be read too', async () => {
  const cwd = await projectFolder({
    '.env': `DATABASE_URL=prisma://x/?api_key=${SECRET}\nPOSTGRES_URL='${at('h', '#/d')}'`,
  })
  await mkdir(join(cwd, '.env.local'))
  const { candidates, warnings } = await findUrls({ cwd, environment: {} })
  expect(candidates).toEqual([])
  expect(warnings).toEqual([
    ".env.local is left out: it can't be read (EISDIR).",
    "DATABASE_URL in .env is left out: The database URL can't be used: it does not begin with postgres://.",
    "POSTGRES_URL in .env is left out: The database URL can't be used: a character in the password is not percent-encoded.",
  ])
})

test('only the file and the variable that are named; a file that is not there is said', async () => {
  const files = { '.env': `DATABASE_URL=${at('a')}`, 'env/prod': `DATABASE_URL=${at('b')}\nMINE=${at('c')}` }
  expect((await find(files, { file: 'env/prod' })).found).toEqual([
    'DATABASE_URL env/prod b:5432',
    'MINE env/prod c:5432',
  ])
  expect((await find(files, { file: 'env/prod', name: 'MINE' })).found).toEqual(['MINE env/prod c:5432'])
  expect((await find(files, { name: 'MINE' })).found).toEqual([])
  await expect(find(files, { file: 'gone' })).rejects.toMatchObject({ code: 'init.database-file', exitCode: 2 })
})
