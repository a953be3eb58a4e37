import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import type { InteractionMap } from '../codemap/interaction-map.ts'
import { type ConfigPlace, readConfig } from '../control/read-config.ts'
import type { DesignPlan } from '../design/design-plan.ts'
import { type ReadDraft, readDraft } from '../design/read-design.ts'
import { UsageError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { OverlapDocument } from '../overlap/overlap-document.ts'
import type { CrossfadeConfig } from '../spec/config.ts'
import { DATABASE_OPTION, readDatabaseUrl } from './database-url.ts'
import { type WrittenDraft, writeDrafts } from './design-files.ts'
import { readArtifact, readingFrom, readSeconds, untilInterrupted } from './reading-command.ts'

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
    .action((tables: string[], flags: DesignFlags) => untilInterrupted((signal) => runDesign(tables, flags, signal)))
}

async function runDesign(tables: readonly string[], flags: DesignFlags, signal: AbortSignal): Promise<void> {
  const cwd = process.cwd()
  const url = await readDatabaseUrl({ ...flags, cwd })
  const folder = resolve(cwd, flags.out)
  const overlap = await readArtifact<OverlapDocument>(folder, 'OVERLAP_REPORT.json', 'groups')
  const map = await readArtifact<InteractionMap>(folder, 'DATABASE_INTERACTION_MAP.json', 'interactions')
  await readingFrom(url, 'design', async (db, log) => {
    const before = await readBefore({ cwd, config: flags.config }, log)
    const oldSchema = flags.schema ?? before?.oldSchema ?? 'public'
    const newSchema = flags.newSchema ?? before?.newSchema ?? 'new_schema'
    const draft = await readDraft(db, {
      ...{ tables, oldSchema, newSchema, schemaPath: `./${DDL}`, before, map },
      overlap: isAbout(overlap, tables, oldSchema) ? overlap : null,
      ...{ timeout: flags.timeout, log, signal },
    })
    const config = resolve(cwd, flags.config)
    const written = await writeDrafts([
      { path: join(dirname(config), DDL), text: draft.ddl, comment: '--' },
      { path: config, text: draft.config, comment: '//' },
    ])
    const files = written.map((file) => ({ ...file, path: relative(cwd, file.path) }))
    const document = { ok: true, files, plan: draft.plan, problems: draft.problems }
    process.stdout.write(flags.json ? `${JSON.stringify(document, null, 2)}\n` : `${tell(draft, files).join('\n')}\n`)
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
    ...(plan.view?.remarks ?? []),
    ...plan.targets.flatMap((target) => [
      ...target.remarks,
      ...target.security.remarks,
      ...[...target.columns, ...target.checks, ...target.indexes, ...target.uniques].flatMap((one) => one.remarks),
      ...Object.values(target.ruleRemarks).flat(),
    ]),
  ]
  return remarks.filter(({ kind }) => kind === 'question').length
}
