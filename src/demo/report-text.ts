import picocolors from 'picocolors'
import type { DemoReport } from './report.ts'

/** The report for people, in plain words. */
export function formatReport(report: DemoReport): string {
  const { application, accounting, verify, finish } = report
  const rows: [string, string][] = [
    ['statements of the application', `${count(application.statements)}, ${count(application.failed)} failed`],
    [
      'slowest statement',
      `${ms(application.slowestMs)} (before Crossfade: ${ms(application.slowestMsWithoutCrossfade)})`,
    ],
    [
      '99 of 100 statements within',
      `${ms(application.p99Ms)} (before Crossfade: ${ms(application.p99MsWithoutCrossfade)})`,
    ],
    ['conflicts met by moved code', `${count(report.conflicts)}, all tried again by the code itself`],
    [
      'old rows',
      `${count(accounting.oldRows)} = ${count(accounting.merged)} merged + ${count(accounting.own)} on their own + ` +
        `${count(accounting.leftOut)} left out by rule + ${count(accounting.journaled)} in the journal`,
    ],
    ['rows compared, both sides', `${count(verify.rows)}, ${count(verify.differing)} differing`],
    [
      'reads from the new side',
      Object.entries(report.readsFromNew)
        .map(([step, share]) => `${step} % → ${(100 * share).toFixed(1)} %`)
        .join(', '),
    ],
    ...report.rollbacks.map((drill): [string, string] => [
      `back from ${drill.from}`,
      `${ms(drill.ms)}, ${count(drill.writesBetween)} writes in between, ${count(drill.lostWrites)} lost`,
    ]),
    ['module restarts in another version', `${report.moves.length}`],
    ['posts that went out twice', count(report.doublePosts)],
    ['lost writes', count(report.lostWrites)],
    ['finish', `locked for ${ms(finish.lockMs)}, ${finish.attempts} ${finish.attempts === 1 ? 'attempt' : 'attempts'}`],
    ['stages', report.stages.map((stage) => `${stage.name} ${(stage.ms / 1000).toFixed(1)} s`).join(', ')],
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  const lines = rows.map(([what, value]) => `  ${what.padEnd(width)}  ${value}`)
  const verdict = report.ok
    ? picocolors.green('Everything held: the application never noticed.')
    : picocolors.red(['This did not hold:', ...report.problems.map((problem) => `  - ${problem}`)].join('\n'))
  return ['', ...lines, '', verdict, ''].join('\n')
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function ms(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}
