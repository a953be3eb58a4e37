import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { readApiSchema } from '../api-types/read-api-schema.ts'
import { writeTypes } from '../api-types/write-types.ts'
import { readConfigIfThere } from '../control/read-config.ts'
import { UsageError } from '../lib/errors.ts'
import { DATABASE_OPTION, readDatabaseUrl } from './database-url.ts'
import { readingFrom, untilInterrupted } from './reading-command.ts'

interface TypesFlags {
  readonly database?: string
  readonly config?: string
  readonly json?: true
}

/** `crossfade types`: exit code 0; 2 where the file can't be written; 3 where the database can't be reached. */
export function addTypesCommand(program: Command): void {
  program
    .command('types [file]')
    .description('TypeScript types of the old names and of the new ones, for supabase-js; only reads')
    .option(...DATABASE_OPTION)
    .option('--config <file>', 'which schemas are the old one and the new one; default: crossfade.config.ts')
    .option('--json', 'print one JSON document on stdout')
    .action((file: string | undefined, flags: TypesFlags) =>
      untilInterrupted((signal) => runTypes(file, flags, signal)),
    )
}

async function runTypes(file: string | undefined, flags: TypesFlags, signal: AbortSignal): Promise<void> {
  const cwd = process.cwd()
  const place = { cwd, ...(flags.config === undefined ? {} : { config: flags.config }) }
  const url = await readDatabaseUrl({ ...flags, ...place })
  const { oldSchema = 'public', newSchema = 'new_schema' } = (await readConfigIfThere(place))?.config ?? {}
  await readingFrom(url, 'types', async (db) => {
    const client = await db.pool.connect()
    const schema = await readApiSchema(client, oldSchema, newSchema).finally(() => client.release())
    signal.throwIfAborted()
    if (schema.tables.length === 0)
      throw new UsageError('types.empty', `The schema ${oldSchema} has no table.`, {
        hint: 'The configuration says which schema holds the old tables: oldSchema.',
      })
    const text = writeTypes(schema)
    const path = file === undefined ? null : resolve(cwd, file)
    if (path !== null) await write(path, text)
    const names = schema.tables.map(({ name }) => name)
    if (flags.json)
      process.stdout.write(`${JSON.stringify({ ok: true, file: path, tables: names, types: text }, null, 2)}\n`)
    else
      process.stdout.write(
        path === null ? text : `Written: ${relative(cwd, path)}, with ${names.length} tables and views\n`,
      )
  })
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (cause) {
    throw new UsageError('types.unwritable', `${path} can't be written: ${(cause as Error).message}`, {
      hint: 'Name a file that you may write to, or none: then the types go to stdout.',
      cause,
    })
  }
}
