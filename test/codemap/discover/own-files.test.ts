import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listFiles } from '../../../src/codemap/discover/list-files.ts'
import { leaveOutOwn, type OwnFiles } from '../../../src/codemap/discover/own-files.ts'
import { type Project, writeArtifact } from '../../../src/control/project.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crossfade-own-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(file: string, content: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), content)
}

const left = (own: OwnFiles = {}): readonly string[] => leaveOutOwn(listFiles(root), own).data
const TABLE = 'create table posts (id int primary key);\n'

test('what the tool has written is left out wherever it lies; a file of that name by somebody else stays', async () => {
  const project = { outDir: join(root, 'docs'), ddlPath: join(root, 'new.sql') } as Project
  await writeArtifact(project, 'BUILD.sql', TABLE)
  await writeArtifact(project, 'FINAL_SCHEMA.sql', TABLE)
  put('other/BUILD.sql', TABLE)
  expect(left()).toEqual(['other/BUILD.sql'])
})

test('the baseline is the program once it lies with the migrations', async () => {
  const project = { outDir: join(root, 'crossfade'), ddlPath: join(root, 'new.sql') } as Project
  await writeArtifact(project, '20260101120000_final_schema.sql', TABLE)
  put('migrations/20260101120000_final_schema.sql', TABLE)
  expect(left({ folder: join(root, 'crossfade') })).toEqual(['migrations/20260101120000_final_schema.sql'])
})

test('what the configuration names is left out, also where only its value says it', () => {
  put('new.sql', TABLE)
  put('old.sql', TABLE)
  put('crossfade.config.ts', 'export default { schema: ["new", "sql"].join(".") }')
  expect(left()).toEqual(['new.sql', 'old.sql'])
  expect(left({ files: [join(root, 'new.sql')] })).toEqual(['old.sql'])
  put('crossfade.config.ts', 'const config = { "schema": "./new.sql" } satisfies object\nexport default config')
  expect(left()).toEqual(['old.sql'])
  put('crossfade.config.ts', 'const a = a\nexport default a')
  expect(left()).toEqual(['new.sql', 'old.sql'])
})

test('the new schema stays as its author wrote it, also in the folder for artifacts', async () => {
  const path = join(root, 'NEW_PERFECT_SCHEMA.sql')
  await writeArtifact({ outDir: root, ddlPath: path } as Project, 'NEW_PERFECT_SCHEMA.sql', TABLE)
  expect(left()).toEqual(['NEW_PERFECT_SCHEMA.sql'])
  expect(left({ files: [path] })).toEqual([])
})
