import { onTestFinished } from 'vitest'
import type { CheckFinding, CheckReport } from '../../src/check/check-report.ts'
import { readCheck } from '../../src/check/read-check.ts'
import { connect } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import type { CrossfadeConfig } from '../../src/spec/config.ts'
import { createTestDatabase } from '../support/database.ts'

export interface Checked {
  readonly ddl: string
  readonly config: Pick<CrossfadeConfig, 'tables'> & Partial<CrossfadeConfig>
  readonly outDir?: string
  readonly showsValues?: true
  readonly onDatabase?: true
}

/** The check of a mapping against a database that is there. */
export async function runCheck(url: string, checked: Checked): Promise<CheckReport> {
  const { ddl, config, outDir = 'crossfade', onDatabase = false, showsValues = false } = checked
  const db = await connect(url, { applicationName: 'check', readOnly: !onDatabase, poolSize: 2 })
  const project = {
    ...{ config: { schema: 'new.sql', ...config }, configPath: 'crossfade.config.ts' },
    ...{ ddl, ddlPath: 'new.sql', outDir },
  }
  const log = createLogger({ stream: { write: () => true } })
  try {
    const options = { url, onDatabase, showsValues, timeout: 60, log, signal: new AbortController().signal }
    return await readCheck(db, project, options)
  } finally {
    await db.close()
  }
}

/** The same against a database of these old tables, which goes when the test has finished. */
export async function checkTables(oldSql: string, checked: Checked): Promise<CheckReport> {
  const database = await createTestDatabase()
  onTestFinished(async () => await database.drop())
  await database.query(oldSql)
  return await runCheck(database.url, checked)
}

export function findingOf({ findings }: CheckReport, id: string): CheckFinding {
  const found = findings.find((one) => one.id === id)
  if (found === undefined) throw new Error(`there is no ${id} among ${findings.map((one) => one.id).join(', ')}`)
  return found
}
