import { cpus } from 'node:os'
import type { Failure } from './case.ts'
import type { Judged } from './check-oracle.ts'
import type { Result } from './run-case.ts'

/** What a run has done so far. */
export class Tally {
  readonly #started = performance.now()
  readonly #statements = new Map<string, Map<string, number>>()
  readonly #commands = new Map<string, number>()
  readonly #refused = new Map<string, number>()
  readonly failures: { readonly history: number; readonly failures: readonly Failure[]; file: string | null }[] = []
  histories = 0
  readonly #judged: Judged = { rows: 0, unknown: 0 }

  add(history: number, result: Result): void {
    this.histories++
    this.#judged.rows += result.judged.rows
    this.#judged.unknown += result.judged.unknown
    if (result.refused !== null) count(this.#refused, result.refused.split(':')[0] ?? '')
    for (const { step, code } of result.outcomes) {
      const codes = this.#statements.get(step.kind) ?? new Map<string, number>()
      this.#statements.set(step.kind, codes)
      count(codes, code ?? 'done')
    }
    for (const { command } of result.commands) count(this.#commands, command.replace(/: .*$/s, ' mode'))
    if (result.failures.length > 0) this.failures.push({ history, failures: result.failures, file: null })
  }

  get perMinute(): number {
    return (this.histories / (performance.now() - this.#started)) * 60_000
  }

  /** The page that a long run leaves. */
  page(options: {
    readonly seed: string
    readonly first: number
    readonly postgres: string
    readonly jobs: number
  }): string {
    const conflicts = sumOf(this.#statements, '40001')
    const failed = this.failures.map(
      ({ history, failures, file }) =>
        `| \`${options.seed}/${history}\` | ${failures.map((f) => f.kind).join(', ')} | ${file ?? 'not shrunk'} |`,
    )
    return `# Random histories

${this.histories} histories, seeds \`${options.seed}/${options.first}\` to \`${options.seed}/${options.first + this.histories - 1}\`:
**${this.failures.length} failures**${this.failures.length === 0 ? ', 0 differences in both directions, 0 rows unaccounted for' : ''}.

PostgreSQL ${options.postgres}, Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${options.jobs} at once, ${Math.round(this.perMinute)} histories a minute.
${rowsOf(this.#refused)} mappings were refused at \`approve design\` (${[...this.#refused].map(([code, n]) => `${code} ${n}`).join(', ') || 'none'}), so their histories say nothing.
${this.#judged.rows} new rows were computed a second time from the words of the mapping alone; of ${this.#judged.unknown} others these don't say whether they should be there.

| seed | failure | case |
|---|---|---|
${failed.join('\n') || '| – | none | – |'}

## Stages

| command | times |
|---|---:|
${[...this.#commands]
  .sort()
  .map(([command, n]) => `| ${command} | ${n} |`)
  .join('\n')}

## Statements

${conflicts} times 40001: native writes, and transactions of the application that had asked for more than READ COMMITTED.

| statement | done | others |
|---|---:|---|
${[...this.#statements]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([kind, codes]) => `| ${kind} | ${codes.get('done') ?? 0} | ${others(codes)} |`)
  .join('\n')}
`
  }
}

function others(codes: ReadonlyMap<string, number>): string {
  const words = [...codes].filter(([code]) => code !== 'done').sort()
  return words.map(([code, n]) => `${code} ${n}`).join(', ')
}

function count(map: Map<string, number>, word: string): void {
  map.set(word, (map.get(word) ?? 0) + 1)
}

function rowsOf(map: ReadonlyMap<string, number>): number {
  return [...map.values()].reduce((sum, n) => sum + n, 0)
}

function sumOf(map: ReadonlyMap<string, ReadonlyMap<string, number>>, code: string): number {
  return [...map.values()].reduce((sum, codes) => sum + (codes.get(code) ?? 0), 0)
}
