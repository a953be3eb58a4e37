import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { InteractionMap } from '../codemap/interaction-map.ts'
import { type ConfigPlace, readConfig } from '../control/read-config.ts'
import { connect } from '../db/connect.ts'
import type { DesignPlan } from '../design/design-plan.ts'
import { type ReadDraft, readDraft } from '../design/read-design.ts'
import { InterruptedError, UsageError } from '../lib/errors.ts'
import { createLogger, type Logger } from '../lib/log.ts'
import type { OverlapDocument } from '../overlap/overlap-document.ts'
import type { CrossfadeConfig } from '../spec/config.ts'
import { DATABASE_OPTION, readDatabaseUrl } from './database-url.ts'
import { type WrittenDraft, writeDrafts } from './design-files.ts'

interface DesignFlags {
  readonly database?: string
  readonly out: string
  readonly config: string
  readonly schema?: string
  readonly newSchema?: string
  readonly timeout: number
  readonly json?: true
}

const DDL = 'NEW_PERFECT_SCHEMA.sql'

/** `crossfade design`: exit code 0 with a draft; 2 where there is nothing to design; 3 where the database can't be reached. */
export function addDesignCommand(program: Command): void {
  program
    .command('design [tables...]')
    .description('a draft of the new schema and of the mapping, from what the database holds; only reads the database')
    .option(...DATABASE_OPTION)
    .option('--out <dir>', 'folder of artifacts, where overlap and map have left theirs', 'crossfade')
    .option('--config <file>', 'where the mapping goes; the DDL goes beside it', 'crossfade.config.ts')
    .option('--schema <name>', 'the schema of the old tables; default: as the configuration says, or public')
    .option('--new-schema <name>', 'where the new ones are built; default: as the configuration says, or new_schema')
    .option('--timeout <seconds>', 'the longest that one statement may take; 0: any time', readSeconds, 600)
    .option('--json', 'print the plan as one JSON document on stdout')
    .action(async (tables: string[], flags: DesignFlags) => {
      const [cwd, stop] = [process.cwd(), new AbortController()]
      const url = await readDatabaseUrl({ ...flags, cwd })
      const folder = resolve(cwd, flags.out)
      const interrupt = (): void =>
        stop.abort(new InterruptedError('Interrupted.', { hint: 'Nothing was written, in the database or to disk.' }))
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
      const log = createLogger({ stream: process.stderr })
      const before = await readBefore({ cwd, config: flags.config }, log)
      const oldSchema = flags.schema ?? before?.oldSchema ?? 'public'
      const newSchema = flags.newSchema ?? before?.newSchema ?? 'new_schema'
      const overlap = await readDocument<OverlapDocument>(folder, 'OVERLAP_REPORT.json', 'groups')
      const map = await readDocument<InteractionMap>(folder, 'DATABASE_INTERACTION_MAP.json', 'interactions')
      const db = await connect(url, { applicationName: 'design', readOnly: true, session: false, poolSize: 2 })
      try {
        const draft = await readDraft(db, {
          ...{ tables, oldSchema, newSchema, schemaPath: `./${DDL}`, before, map },
          overlap: isAbout(overlap, tables, oldSchema) ? overlap : null,
          ...{ timeout: flags.timeout, log, signal: stop.signal },
        })
        const config = resolve(cwd, flags.config)
        const written = await writeDrafts([
          { path: join(dirname(config), DDL), text: draft.ddl, comment: '--' },
          { path: config, text: draft.config, comment: '//' },
        ])
        const files = written.map((file) => ({ ...file, path: relative(cwd, file.path) }))
        const document = { ok: true, files, plan: draft.plan, problems: draft.problems }
        process.stdout.write(
          flags.json ? `${JSON.stringify(document, null, 2)}\n` : `${tell(draft, files).join('\n')}\n`,
        )
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
        await db.close()
      }
    })
}

/** The configuration that is there; null for none, and for one that can't be read: it is a person's, and stays as it is. */
async function readBefore(place: ConfigPlace, log: Logger): Promise<CrossfadeConfig | null> {
  try {
    return (await readConfig(place)).config
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    if (error.code !== 'config.missing') log.warn(`${error.message}; so the draft has nothing of what it says`)
    return null
  }
}

/** The report serves where nobody named tables, or it has exactly these as a group. */
function isAbout(overlap: OverlapDocument | null, tables: readonly string[], schema: string): boolean {
  if (overlap === null || !overlap.schemas.includes(schema)) return false
  if (tables.length === 0) return overlap.groups.length > 0
  const named = [...tables].sort().join('\0')
  return overlap.groups.length === 1 && [...(overlap.groups[0]?.tables ?? [])].sort().join('\0') === named
}

/** What another command has left in the folder; null where it hasn't run. Throws UsageError for a file that is none. */
async function readDocument<Document>(folder: string, name: string, part: keyof Document): Promise<Document | null> {
  const path = join(folder, name)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  const wrong = (cause?: unknown): UsageError =>
    new UsageError('design.artifact', `${path} is not what its name says.`, {
      hint: 'Run the command that wrote it again, or remove the file: design does without.',
      cause,
    })
  let document: Document
  try {
    document = JSON.parse(text) as Document
  } catch (error) {
    throw wrong(error)
  }
  if (document === null || typeof document !== 'object' || !Array.isArray(document[part])) throw wrong()
  return document
}

function tell({ plan, problems }: ReadDraft, files: readonly WrittenDraft[]): string[] {
  const lines = plan.targets.map(({ name, rule }) => `${name}: ${rule.kind} of ${Object.keys(rule.sources).join(', ')}`)
  const beside = files.some(({ state }) => state === 'beside')
  return [
    ...lines,
    '',
    `${countQuestions(plan)} questions are for you: search for QUESTION in the two files.`,
    ...problems.map(({ where, message, hint }) => `Not read: ${where}: ${message}. ${hint}`),
    '',
    ...files.map(({ path, state }) => `${path} (${state})`),
    ...(beside ? ['You have changed these files, so they stay as they are; the new draft stands beside them.'] : []),
    '',
    'Next: answer the questions, then  crossfade check',
  ]
}

function countQuestions(plan: DesignPlan): number {
  const remarks = [
    ...plan.remarks,
    ...plan.references.flatMap((one) => one.remarks),
    ...plan.targets.flatMap((target) => [
      ...target.remarks,
      ...target.security.remarks,
      ...[...target.columns, ...target.checks, ...target.indexes].flatMap((one) => one.remarks),
      ...Object.values(target.ruleRemarks).flat(),
    ]),
  ]
  return remarks.filter(({ kind }) => kind === 'question').length
}

function readSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds >= 0 && seconds <= 2_000_000) return seconds
  throw new InvalidArgumentError('Give a number of seconds.')
}
