import type pg from 'pg'
import type { Project } from '../control/project.ts'
import type { Database } from '../db/connect.ts'
import { CrossfadeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { Design } from '../lifecycle/design.ts'
import { readInOneSnapshot } from '../overlap/read-only-session.ts'
import { protectSession } from '../snapshot/read-snapshot.ts'
import { takeForeignKeys } from '../spec/foreign-keys.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import type { Asker } from './ask.ts'
import { checkCode } from './check-code.ts'
import { checkFrontDoor } from './check-front-door.ts'
import { checkMigrationTools } from './check-migration-tools.ts'
import { checkObjects, tellError } from './check-objects.ts'
import type { CheckedSource, CheckedTable, CheckReport } from './check-report.ts'
import { hashDesign, identifyDatabase } from './checked-design.ts'
import { checkAmongRows, checkSource, compareSources } from './compare-sources.ts'
import { countRefused } from './count-refused.ts'
import { type Found, settleFindings } from './finding.ts'
import type { Api } from './front-door.ts'
import { type Measure, measure, tellMeasures } from './measure-rows.ts'
import { checkNotValid } from './not-valid.ts'
import { readMap } from './read-map.ts'
import { type Trial, tryElsewhere, tryThere } from './trial-design.ts'

export interface CheckOptions {
  readonly url: string
  /** Try the design on the database itself, in a transaction that is rolled back. */
  readonly onDatabase: boolean
  readonly showsValues: boolean
  /** Seconds that one statement may take; 0: any time. */
  readonly timeout: number
  /** The API to try, where there is one. */
  readonly api?: Api | null
  readonly log: Logger
  readonly signal: AbortSignal
}

const CATALOG_TIMEOUT_MS = 60_000

/**
 * The mapping against the real rows and objects, before anything is created. The database is only read, with ACCESS
 * SHARE at most, but where `onDatabase` asks for the trial there. A design that doesn't hold is a finding, not an error.
 */
export async function readCheck(db: Database, project: Project, options: CheckOptions): Promise<CheckReport> {
  const map = await readMap(project.outDir)
  const session = await db.session()
  try {
    const trial = await tryDesignOf(db, session, project, options)
    options.signal.throwIfAborted()
    await protectSession(session, CATALOG_TIMEOUT_MS)
    const { design } = trial
    const about = { project, showsValues: options.showsValues, trial, database: await identifyDatabase(session) }
    if (design instanceof CrossfadeError) return report(about, [], [tellError('design', design)])
    const objects = await checkObjects(session, project, design.mapping, design.tables)
    const code = await checkCode(session, project, design, map)
    const tools = await checkMigrationTools(project)
    const door = options.api
      ? await checkFrontDoor(session, design.mapping, options.api, { signal: options.signal, patienceMs: 0 })
      : []
    const { tables, found } = await readInOneSnapshot(
      db,
      options,
      async (reader) => await checkRows({ ...reader, signal: options.signal }, project, design),
    )
    return report(about, tables, [
      ...found,
      ...(door.length === 0 ? objects : objects.filter(isNotAsked)),
      ...door,
      ...code,
      ...tools,
    ])
  } finally {
    await session.end()
  }
}

/** What the front door has answered need not be told from afar. */
function isNotAsked({ id }: Found): boolean {
  return id.join('.') !== 'api.compat'
}

async function tryDesignOf(db: Database, session: pg.Client, project: Project, options: CheckOptions): Promise<Trial> {
  options.log.info('trying the design …')
  if (options.onDatabase) return await tryThere(session, db.serverVersion, project)
  await protectSession(session, CATALOG_TIMEOUT_MS)
  return await tryElsewhere({ url: options.url, serverVersion: db.serverVersion, client: session }, project)
}

async function checkRows(
  asker: Asker,
  project: Project,
  { mapping, tables, sources: followed }: Design,
): Promise<{ tables: CheckedTable[]; found: Found[] }> {
  const [checked, found, units]: [CheckedTable[], Found[], TargetMapping[]] = [[], [], []]
  const measures: Measure[] = []
  for (const t of mapping.targets) {
    asker.log.info(`counting ${t.name} …`)
    const counted = await countRefused(asker, t)
    const sources: CheckedSource[] = []
    found.push(...counted.found)
    if (counted.unit !== null) {
      units.push(counted.unit)
      found.push(...(await compareSources(asker, counted.unit)))
    }
    for (const s of (counted.unit ?? t).sources.filter((one) => !one.stub)) {
      const about = await checkSource(asker, t, s)
      if (about.source !== null) sources.push(about.source)
      found.push(...about.found)
    }
    measures.push(await measure(asker, counted, t, sources, tables))
    checked.push({ name: t.name, table: t.relation.name, rows: counted.rows, refused: counted.refused, sources })
  }
  const { foreignKeys } = takeForeignKeys(project.ddl, mapping.oldSchema)
  found.push(...(await checkAmongRows(asker, { ...mapping, targets: units }, tables, foreignKeys)))
  found.push(...(await checkNotValid(asker, followed)), ...(await tellMeasures(asker, mapping, measures)))
  return { tables: checked, found }
}

interface About {
  readonly project: Project
  readonly showsValues: boolean
  readonly trial: Trial
  readonly database: string
}

function report(about: About, tables: CheckedTable[], found: readonly Found[]): CheckReport {
  const { project, showsValues, trial, database } = about
  const accept = project.config.accept ?? []
  const findings = settleFindings(found, { accept, showsValues })
  return {
    version: 1,
    ok: findings.every((one) => one.severity !== 'stops' || one.accepted),
    ...{ design: hashDesign(project), database, showsValues },
    trial: trial.about,
    tables,
    findings,
    unknownAccepted: accept.filter((name) => !findings.some((one) => one.id === name)),
  }
}
