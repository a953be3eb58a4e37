import pg from 'pg'
import type { Case, Failure, Model } from './case.ts'
import type { FuzzDatabase } from './database.ts'
import { createOldTables } from './old-tables.ts'
import { type Outcome, Session } from './session.ts'
import { quote } from './write-sql.ts'

/** The history has one order only: one session of the application, on the old names alone, and nobody who ends it. */
export function canBeControlled(given: Case): boolean {
  return (
    given.settings.length === 1 &&
    !TIMEOUT.test(given.settings[0] ?? '') &&
    given.steps.every((step) => !('session' in step && step.side === 'new') && !('kill' in step && step.kill === 0))
  )
}

/** Meets the locks of a command that the history has stopped in its middle. */
const TIMEOUT = /_timeout/

/** All rows of the old tables, as text, each behind the name of its table. */
export async function readOldRows(client: pg.Client, model: Model): Promise<string[]> {
  const rows: string[] = []
  for (const { name } of model.old) {
    const result = await client.query<{ line: string }>(
      `select tableoid::regclass || ' ' || t::text as line from ${quote(name)} as t order by 1`,
    )
    rows.push(...result.rows.map(({ line }) => line))
  }
  return rows
}

/** The same statements without Crossfade: they must give the same counts, rows and SQLSTATEs, and leave the same rows. */
export async function checkAgainstControl(
  database: FuzzDatabase,
  given: Case,
  outcomes: readonly Outcome[],
  oldRows: readonly string[],
): Promise<Failure[]> {
  await database.clear()
  const expected: Outcome[] = []
  const [settings = ''] = given.settings
  const session = new Session({
    url: database.url,
    number: 0,
    settings,
    onOutcome: (one) => void expected.push(one),
    onChange: () => {},
  })
  const admin = new pg.Client({ connectionString: database.url, application_name: 'fuzz control' })
  await admin.connect()
  try {
    await createOldTables(admin, given)
    await session.connect()
    for (const { step } of outcomes) {
      session.give(step)
      session.begin()
      await session.change
    }
    const at = outcomes.findIndex((one, i) => shown(one) !== shown(expected[i]))
    if (at >= 0)
      return [
        {
          kind: 'unlike without',
          detail: `${outcomes[at]?.step.sql}\nwith: ${shown(outcomes[at])}\nwithout: ${shown(expected[at])}`,
        },
      ]
    const control = await readOldRows(admin, given.model)
    const more = oldRows.filter((row) => !control.includes(row))
    const less = control.filter((row) => !oldRows.includes(row))
    if (more.length + less.length === 0 && oldRows.length === control.length) return []
    return [{ kind: 'old rows unlike without', detail: `with: ${more.join('\n')}\nwithout: ${less.join('\n')}` }]
  } finally {
    await session.end()
    await admin.end()
  }
}

function shown(outcome: Outcome | undefined): string {
  if (!outcome) return 'nothing'
  return JSON.stringify([outcome.step.sql, outcome.code, outcome.message, outcome.rows, outcome.returned])
}
