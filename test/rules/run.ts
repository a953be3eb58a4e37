import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../../src/lib/errors.ts'
import { orExit, readScriptOptions, readWhole } from '../support/script.ts'
import { RULES } from './list.ts'
import { countOf, parseTest, type Rule, type TestName } from './rule.ts'

/**
 * Takes each rule out, in a copy of the checkout, and runs the tests that should notice.
 *
 *   npm run rules                                      all of them
 *   npm run rules -- guard law                         those with one of these words in their id
 *   npm run rules -- --jobs 1 --tests 'engine/*.test.ts'   all tests of these files instead of the named ones: who notices?
 *
 * Ends with 1 where a named test stays green, or fails before the rule is taken out, or fails for another reason than
 * that what it says doesn't hold.
 */
const ROOT = join(import.meta.dirname, '../..')
const COPIED = ['src', 'sql', 'test', 'scenarios', 'package.json', 'tsconfig.json', 'vitest.config.ts']
/** A rule that breaks what it stands in shows nothing. */
const BROKEN =
  /syntax error|SyntaxError|is not a function|is not defined|ReferenceError|Transform failed|no unique or exclusion/

interface Case {
  readonly name: string
  readonly failed: boolean
  readonly message: string
}

interface Outcome {
  readonly rule: Rule
  readonly verdict: 'red' | 'green' | 'broken'
  readonly words: string
}

const USAGE = `npm run rules -- [WORDS] [--jobs 2] [--tests 'engine/*.test.ts']`

const { values, chosen } = orExit(() => {
  const { values, positionals } = readScriptOptions(process.argv.slice(2), USAGE, {
    allowPositionals: true,
    options: {
      jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
      tests: { type: 'string' },
    },
  })
  readWhole('--jobs', values.jobs, 1)
  const chosen = RULES.filter((rule) => positionals.length === 0 || positionals.some((word) => rule.id.includes(word)))
  if (chosen.length > 0) return { values, chosen }
  throw new UsageError(
    'rules.none',
    `No rule has ${positionals.map((word) => JSON.stringify(word)).join(' or ')} in its name.`,
    {
      hint: 'docs/rules.md lists them.',
    },
  )
})
const queue = [...chosen]
const outcomes: Outcome[] = []
await Promise.all(Array.from({ length: Number(values.jobs) }, () => workOff()))
report()

async function workOff(): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), 'crossfade-rules-'))
  try {
    for (const name of COPIED) await cp(join(ROOT, name), join(copy, name), { recursive: true })
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    for (let rule = queue.shift(); rule; rule = queue.shift()) {
      const outcome = await takeOut(copy, rule)
      outcomes.push(outcome)
      console.log(
        `${String(outcomes.length).padStart(3)}/${chosen.length} ${outcome.verdict.padEnd(6)} ${rule.id}: ${outcome.words}`,
      )
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function takeOut(copy: string, rule: Rule): Promise<Outcome> {
  const path = join(copy, rule.file)
  const text = await readFile(path, 'utf8')
  if (countOf(text, rule.from) !== 1)
    return { rule, verdict: 'broken', words: `what it takes out is not in ${rule.file}` }
  await writeFile(
    path,
    text.replace(rule.from, () => rule.to),
  )
  try {
    const cases = await runTests(copy, rule)
    return values.tests === undefined ? judge(rule, cases) : whoNotices(rule, cases)
  } finally {
    await writeFile(path, text)
  }
}

function judge(rule: Rule, cases: readonly Case[]): Outcome {
  const red = rule.tests.map((name) => {
    const { title } = parseTest(name)
    return cases.find((one) => one.failed && one.name.includes(title))
  })
  const green = rule.tests.filter((_, i) => red[i] === undefined)
  if (green.length > 0) return { rule, verdict: 'green', words: green.join('; ') }
  const messages = red.map((one) => one?.message ?? '')
  const broken = messages.find((message) => BROKEN.test(message))
  return { rule, verdict: broken === undefined ? 'red' : 'broken', words: broken ?? messages[0] ?? '' }
}

function whoNotices(rule: Rule, cases: readonly Case[]): Outcome {
  const failed = cases.filter((one) => one.failed)
  const words = failed.map((one) => `\n    ${one.name}: ${one.message}`).join('')
  return { rule, verdict: failed.length > 0 ? 'red' : 'green', words: `${failed.length} of ${cases.length}${words}` }
}

async function runTests(copy: string, rule: Rule): Promise<Case[]> {
  const named: TestName[] = rule.tests.map(parseTest)
  const output = join(copy, 'result.json')
  await rm(output, { force: true })
  const files = values.tests === undefined ? [...new Set(named.map(({ file }) => file))] : values.tests.split(',')
  const titles = named.map(({ title }) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  const filter = values.tests === undefined ? ['-t', titles] : []
  await new Promise<void>((resolve, reject) => {
    const args = ['run', ...files, ...filter, '--reporter=json', `--outputFile=${output}`, '--testTimeout=30000']
    const child = spawn(join(ROOT, 'node_modules/.bin/vitest'), args, { cwd: copy, stdio: 'ignore' })
    child.on('error', reject)
    child.on('close', () => resolve())
  })
  return readCases(await readFile(output, 'utf8').catch(() => '{"testResults":[]}'))
}

interface Results {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly status: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: string[]
    }[]
  }[]
}

function readCases(json: string): Case[] {
  const results = JSON.parse(json) as Results
  return results.testResults.flatMap((file) => {
    if (file.assertionResults.length === 0)
      return [{ name: file.name, failed: file.status === 'failed', message: `SyntaxError? ${file.message}` }]
    return file.assertionResults
      .filter((one) => one.status === 'passed' || one.status === 'failed')
      .map((one) => ({ name: one.fullName, failed: one.status === 'failed', message: firstLine(one.failureMessages) }))
  })
}

function firstLine(messages: readonly string[] = []): string {
  const line = (messages[0] ?? '').split('\n')[0]?.slice(0, 160) ?? ''
  return line === 'Error: STACK_TRACE_ERROR' ? 'the test has no end' : line
}

function report(): void {
  const unnoticed = outcomes.filter(({ verdict }) => verdict !== 'red')
  const list = unnoticed.map(({ rule, verdict, words }) => `\n  ${verdict} ${rule.id}: ${words}`).join('')
  console.log(`\n${chosen.length} rules taken out, ${chosen.length - unnoticed.length} noticed.${list}`)
  process.exitCode = unnoticed.length === 0 ? 0 : 1
}
