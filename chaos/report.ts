import { cpus } from 'node:os'
import type { Findings, Kill } from './director.ts'
import { KINDS } from './kills.ts'

export interface ReportInput {
  readonly kills: readonly Kill[]
  readonly findings: readonly Findings[]
  readonly seed: string
  readonly seconds: number
  readonly postgres: number
  readonly node: string
}

/** The page that a long run leaves behind. */
export function buildReport({ kills, findings, seed, seconds, postgres, node }: ReportInput): string {
  const sum = (of: (one: Findings) => number): number => findings.reduce((total, one) => total + of(one), 0)
  const commands = [...new Set(kills.map((kill) => kill.command.split(' ')[0] ?? ''))].sort()
  const moments = [...new Set(kills.map((kill) => kill.moment))].sort()
  const count = (of: (kill: Kill) => boolean): number => kills.filter(of).length
  const times = kills
    .map((kill) => kill.recoveredMs)
    .filter((ms) => ms < 1e7)
    .sort((a, b) => a - b)
  const at = (share: number): string => `${((times[Math.floor(share * (times.length - 1))] ?? 0) / 1000).toFixed(1)} s`
  const problems = findings.flatMap((one) => one.problems)
  return `# Kills

\`npm run chaos -- --kills ${kills.length} --seed ${seed}\`: Postgres ${postgres}, Node ${node}, ${cpus().length} × ${cpus()[0]?.model ?? ''}, ${Math.round(seconds / 60)} minutes.

| what | how many |
|---|---:|
| kills | ${kills.length} |
| migrations, each with the ways back that its seed drew | ${findings.length} (the first undisturbed) |
| writes that the application had acknowledged | ${sum((one) => one.acked)} |
| writes whose commit was never answered | ${sum((one) => one.unknown)} |
| comparisons with the application's own journal | ${sum((one) => one.compared)} |
| **acknowledged writes that were lost** | **${sum((one) => one.lost)}** |
| **differences between the sides** | **${sum((one) => one.differences)}** |
| errors of the application: lost connection | ${sum((one) => one.met.lostConnection)} |
| errors of the application: 40001 on new names | ${sum((one) => one.met.conflicts)} |
| errors of the application: new names refused after a rollback | ${sum((one) => one.met.refused)} |
| errors of the application: no space left on the device | ${sum((one) => one.met.diskFull)} |
| other errors of the application, leftovers, other catalogs, messages without words | ${problems.length} |
| from a kill until the same command had done its work: median, 99 %, longest | ${at(0.5)}, ${at(0.99)}, ${at(1)} |

| kind | ${commands.join(' | ')} |
|---|${commands.map(() => '---:').join('|')}|
${KINDS.map((kind) => `| ${kind} | ${commands.map((command) => count((kill) => kill.kind === kind && kill.command.split(' ')[0] === command)).join(' | ')} |`).join('\n')}

| instant | kills |
|---|---:|
${moments.map((moment) => `| ${moment} | ${count((kill) => kill.moment === moment)} |`).join('\n')}
${problems.length === 0 ? '' : `\n## Problems\n\n${problems.map((problem) => `- ${problem}`).join('\n')}\n`}`
}
