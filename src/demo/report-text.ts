import picocolors from 'picocolors'
import type { DemoReport } from './report.ts'

const FATES = {
  merged: 'merged',
  own: 'on their own',
  'left out': 'left out by rule',
  journaled: 'in the journal',
} as const

/** The report for people, in plain words. */
export function formatReport(report: DemoReport): string {
  const { application, verify, finish } = report
  const { posts, metrics } = report.planted
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
    ...Object.entries(report.accounting).map(([table, accounting]): [string, string] => [
      `old rows of ${table}`,
      `${count(accounting.oldRows)} = ${count(accounting.merged)} merged + ${count(accounting.own)} on their own + ` +
        `${count(accounting.leftOut)} left out by rule + ${count(accounting.journaled)} in the journal`,
    ]),
    ...report.messes.map((mess): [string, string] => [
      `  ${mess.table}: ${mess.what}`,
      `${count(mess.planted)}, ${mess.found === mess.planted ? 'all' : count(mess.found)} ${FATES[mess.fate]}`,
    ]),
    ['  posts that the queue had lost', `${count(posts.queueRowGone)}, each with a row made for it`],
    ['  tweets and posts told twice', `${count(posts.duplicateTweets + posts.duplicatePosts)}, the newer one counts`],
    ['  metrics as a fraction, in percent', `${count(metrics.fractions)}, ${count(metrics.percents)}`],
    ['  outcomes of several passes', `${count(metrics.severalPasses)}, each a row of its own`],
    [
      'unified_posts',
      `${count(report.unusedTable.rows)} rows, ${report.unusedTable.untouched ? 'untouched' : 'CHANGED'}`,
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
    [
      "effects of the old tables' trigger",
      `${count(report.sideEffects.twice)} twice, ${count(report.sideEffects.never)} never`,
    ],
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
