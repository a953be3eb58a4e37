import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { type Artifact, readArtifacts } from '../control/approvals.ts'
import { type Project, sha256 } from '../control/project.ts'
import { readState } from '../control/state.ts'
import { errorCode, SQLSTATE } from '../db/sqlstates.ts'
import { RefusedError, UsageError } from '../lib/errors.ts'
import { writeCheckPage } from './check-page.ts'
import type { CheckReport } from './check-report.ts'

const CHECK_AGAIN = 'Run crossfade check, read CHECK_REPORT.md, then approve again.'
const REPORT = 'CHECK_REPORT.md'
const MOST_NAMED = 5

/** What a report is about: the new schema and the mapping as they were written. What is accepted may change after it. */
export function hashDesign({ ddl, config }: Project): string {
  const { tables, oldSchema, newSchema, keep } = config
  return sha256(JSON.stringify({ ddl, tables, oldSchema, newSchema, keep }))
}

/** Tells databases apart, also copies of one under the same name. */
export async function identifyDatabase(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name')
  const name = rows[0]?.name ?? ''
  try {
    const cluster = await client.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()')
    return `${name}@${cluster.rows[0]?.id ?? ''}`
  } catch (error) {
    if (errorCode(error) === SQLSTATE.insufficientPrivilege) return name
    throw error
  }
}

/**
 * The report that `crossfade check` left, for the gate of the design. Throws RefusedError where there is none, where it is
 * about another design or database, and where something stops that isn't accepted by name.
 */
export async function readCheckedDesign(client: pg.ClientBase, project: Project): Promise<Artifact> {
  const report = await readReport(join(project.outDir, 'CHECK_REPORT.json'))
  if (report === null)
    throw new RefusedError('check.missing', 'The mapping has not been checked against the real rows yet.', {
      hint: CHECK_AGAIN,
    })
  if (report.design !== hashDesign(project))
    throw new RefusedError('check.stale', 'CHECK_REPORT.json is about another mapping or another new schema.', {
      hint: CHECK_AGAIN,
    })
  if (report.database !== (await identifyDatabase(client)))
    throw new RefusedError('check.elsewhere', 'CHECK_REPORT.json is about another database.', { hint: CHECK_AGAIN })
  const accept = project.config.accept ?? []
  const stops = report.findings.filter((one) => one.severity === 'stops' && !accept.includes(one.id))
  if (stops.length > 0) {
    const names = stops.slice(0, MOST_NAMED).map((one) => one.id)
    const more = stops.length > names.length ? ` and ${stops.length - names.length} more` : ''
    throw new RefusedError('check.stops', `The check found what stops: ${names.join(', ')}${more}.`, {
      hint: `Cure it and run crossfade check again; or accept each by its name in the configuration: accept: ['${names[0]}']`,
    })
  }
  return { name: REPORT, content: writeCheckPage(report) }
}

/** Throws RefusedError where a design was approved without what its check has found. */
export async function assertCheckApproved(client: pg.ClientBase): Promise<void> {
  if ((await readState(client))?.stage !== 'design') return
  const approved = await readArtifacts(client, 'design')
  if (approved.length === 0 || approved.some(({ name }) => name === REPORT)) return
  throw new RefusedError('check.missing', 'The design was approved without a report of its check.', {
    hint: CHECK_AGAIN,
  })
}

async function readReport(path: string): Promise<CheckReport | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  try {
    const report = JSON.parse(text) as CheckReport
    if (Array.isArray(report.findings)) return report
  } catch {
    // Told below, as for any other file of this name.
  }
  throw new UsageError('check.artifact', `${path} is no report of crossfade check.`, { hint: CHECK_AGAIN })
}
