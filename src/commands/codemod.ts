import { relative } from 'node:path'
import type { Command } from 'commander'
import type { Changed, Place, Told } from '../codemods/changed.ts'
import { mayMakeClients } from '../codemods/libraries.ts'
import { unifiedDiff } from '../codemods/unified-diff.ts'
import { unwrapText } from '../codemods/unwrap.ts'
import { wrapText } from '../codemods/wrap.ts'
import { readConfigIfThere } from '../control/read-config.ts'
import { UsageError } from '../lib/errors.ts'
import { createGiveWay } from '../lib/give-way.ts'
import { createLogger } from '../lib/log.ts'
import { redact } from '../lib/redact.ts'
import {
  type CodeFile,
  EMBEDDED,
  findManifest,
  findUncommitted,
  listCode,
  readCode,
  writeCode,
} from './codemod-files.ts'
import { codePaths } from './map-coverage.ts'
import { untilInterrupted } from './reading-command.ts'

interface CodemodFlags {
  readonly config?: string
  readonly dryRun?: true
  readonly json?: true
}

const CODEMODS = { wrap: wrapText, unwrap: unwrapText } as const
type Action = keyof typeof CODEMODS

interface Outcome extends Changed {
  readonly code: CodeFile
}

/** `crossfade codemod`: exit code 0 where all is done; 1 where something is left to a person; 2 for files that aren't there. */
export function addCodemodCommand(program: Command): void {
  program
    .command('codemod <action> [files...]')
    .description('wrap: has the clients that code makes read through Crossfade; unwrap: takes that out again')
    .option('--config <file>', 'which code is looked through where no file is named; default: crossfade.config.ts')
    .option('--dry-run', 'print what would change as a unified diff; change nothing')
    .option('--json', 'print one JSON document on stdout')
    .action(async (action: string, files: string[], flags: CodemodFlags) => {
      if (!Object.hasOwn(CODEMODS, action))
        throw new UsageError('codemod.action', `codemod can't ${action}.`, {
          hint: 'crossfade codemod wrap, or crossfade codemod unwrap; with files, or for the whole project',
        })
      const hint = `Each file is changed or as it was. The same command goes on; undo: ${undoOf(action as Action)}`
      await untilInterrupted((signal) => runCodemod(action as Action, files, flags, signal), hint)
    })
}

async function runCodemod(
  action: Action,
  named: readonly string[],
  flags: CodemodFlags,
  signal: AbortSignal,
): Promise<void> {
  const cwd = process.cwd()
  const looked = named.length > 0 ? named : await configuredPaths(cwd, flags)
  const { paths, tests } = listCode(cwd, looked, action === 'unwrap')
  const outcomes: Outcome[] = []
  const giveWay = createGiveWay(() => {})
  const log = createLogger({ stream: process.stderr })
  for (const [index, path] of paths.entries()) {
    await giveWay(index)
    signal.throwIfAborted()
    const code = readCode(cwd, path)
    if (code === null) log.warn(`${relative(cwd, path)} can't be read as text, so it stays as it is`)
    else if (mayMakeClients(code.text)) outcomes.push({ ...transform(action, code), code })
  }
  const changing = outcomes.filter(({ edits }) => edits.length > 0)
  const uncommitted = await findUncommitted(
    cwd,
    changing.map(({ code }) => code),
  )
  if (!flags.dryRun) {
    for (const { code, text } of changing) {
      signal.throwIfAborted()
      writeCode(code, text)
    }
  }
  const unsure = outcomes.some((one) => one.unsure.length > 0)
  if (flags.json) process.stdout.write(`${JSON.stringify(describe(action, flags, outcomes, uncommitted), null, 2)}\n`)
  else if (flags.dryRun) {
    process.stdout.write(redact(changing.map(diffOf).join('')))
    process.stderr.write(`${tell(action, flags, outcomes, uncommitted, tests).join('\n')}\n`)
  } else process.stdout.write(`${tell(action, flags, outcomes, uncommitted, tests).join('\n')}\n`)
  process.exitCode = unsure ? 1 : 0
}

/** What the configuration says that the code is; none for the whole folder. */
async function configuredPaths(cwd: string, flags: CodemodFlags): Promise<readonly string[]> {
  try {
    const config = await readConfigIfThere({ cwd, ...(flags.config === undefined ? {} : { config: flags.config }) })
    return config === null ? [] : codePaths(cwd, config)
  } catch (error) {
    if (flags.config !== undefined || !(error instanceof UsageError)) throw error
    createLogger({ stream: process.stderr }).warn(`${error.message}; so the whole folder is looked through`)
    return []
  }
}

function transform(action: Action, { file, text }: CodeFile): Changed {
  if (!EMBEDDED.test(file)) return CODEMODS[action](file, text)
  const why = 'what stands in such a file is not changed'
  const write =
    action === 'wrap'
      ? 'the client in a module of its own, then crossfade codemod wrap again; or the line by hand, as docs/supabase.md says'
      : 'it without crossfade()'
  const speaks = action === 'wrap' ? /\b(create\w*Client|new\s+[\w.]*Pool)\s*[<(]/ : /pg-crossfade\/(pg|supabase)/
  const at = text.search(speaks)
  const unsure = at === -1 ? [] : [{ line: text.slice(0, at).split('\n').length, why, write }]
  return { text, edits: [], clients: [], done: [], unsure }
}

function diffOf({ code, edits }: Outcome): string {
  return unifiedDiff(code.file, code.text, edits)
}

function describe(
  action: Action,
  flags: CodemodFlags,
  outcomes: readonly Outcome[],
  uncommitted: ReadonlySet<string>,
): object {
  const files = outcomes.filter(({ clients, done, unsure }) => clients.length + done.length + unsure.length > 0)
  return {
    ok: outcomes.every((one) => one.unsure.length === 0),
    action,
    dryRun: flags.dryRun === true,
    files: files.map((one) => ({
      file: one.code.file,
      changed: one.edits.length > 0,
      uncommitted: uncommitted.has(one.code.file),
      clients: one.clients,
      ...(action === 'wrap' ? { wrappedAlready: one.done } : {}),
      unsure: one.unsure.map(redactTold),
      ...(flags.dryRun ? { diff: redact(diffOf(one)) } : {}),
    })),
  }
}

function redactTold({ line, why, write }: Told): Told {
  return { line, why: redact(why), write: redact(write) }
}

function tell(
  action: Action,
  flags: CodemodFlags,
  outcomes: readonly Outcome[],
  uncommitted: ReadonlySet<string>,
  tests: number,
): string[] {
  const changing = outcomes.filter(({ edits }) => edits.length > 0)
  const done = outcomes.reduce((sum, one) => sum + one.done.length, 0)
  const clients = changing.reduce((sum, one) => sum + one.clients.length, 0)
  const unsure = outcomes.flatMap(({ code, unsure: told }) => told.map((one) => ({ ...redactTold(one), ...code })))
  const verb = `${flags.dryRun ? 'would be ' : ''}${action === 'wrap' ? 'wrapped' : 'unwrapped'}`
  const remarks = [
    ...(done > 0 ? [`${count(done, 'client')} ${done === 1 ? 'is' : 'are'} wrapped already.`] : []),
    ...(tests > 0 && changing.length + unsure.length > 0 && action === 'wrap'
      ? [
          `${count(tests, 'file')} of tests ${tests === 1 ? 'was' : 'were'} not looked at; name them to have them wrapped, too.`,
        ]
      : []),
  ]
  return [
    ...changing.flatMap(({ code, clients: made }) => tellFile(code.file, made, uncommitted.has(code.file))),
    changing.length === 0 && unsure.length === 0 && done === 0
      ? `No client is ${action === 'wrap' ? 'made' : 'wrapped'} there.`
      : `${count(clients, 'client')} in ${count(changing.length, 'file')} ${verb}.`,
    ...remarks,
    ...(unsure.length > 0 ? ['', 'Left to you, since it would not be sure:'] : []),
    ...unsure.flatMap(({ file, line, why, write }) => [`  ${file}:${line}: ${why}`, `      write: ${write}`]),
    ...(flags.dryRun ? [] : nextSteps(action, changing)),
  ]
}

function tellFile(file: string, clients: readonly Place[], isUncommitted: boolean): string[] {
  const places = clients.map(({ line, what }) => `${what} (line ${line})`).join(', ')
  return [`  ${file}: ${places}${isUncommitted ? '; it has changes of yours that are not committed' : ''}`]
}

function nextSteps(action: Action, changing: readonly Outcome[]): string[] {
  if (changing.length === 0) return []
  if (action === 'unwrap')
    return ['', 'Next: have your tests run, and deploy; then pg-crossfade can leave the dependencies.']
  const missing = new Set(
    changing.flatMap(({ code }) => {
      const manifest = findManifest(code.path)
      return manifest === null || manifest.hasOwn ? [] : [relative(process.cwd(), manifest.path) || manifest.path]
    }),
  )
  return [
    '',
    ...(missing.size === 0 ? [] : [`Next: add pg-crossfade to the dependencies of ${[...missing].join(', ')}`]),
    `${missing.size === 0 ? 'Next' : 'Then'}: have your tests run, and deploy; reads stay where they are until  crossfade reads 1`,
    `Undo: ${undoOf(action)}`,
  ]
}

function undoOf(action: Action): string {
  return `crossfade codemod ${action === 'wrap' ? 'unwrap' : 'wrap'}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
