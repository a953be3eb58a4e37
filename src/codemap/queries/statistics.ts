import type { TableStatistics } from '../interaction-map.ts'
import { mean } from './table-facts.ts'
import { tableKey } from './tables.ts'

/** What the statistics of all tables say of one of them. */
export interface Activity {
  readonly statistics: TableStatistics
  /** Scans that are neither a dump's nor those of its own updates and deletes. */
  readonly scans: number
  /** Rows inserted, updated and deleted. */
  readonly writes: number
  readonly quiet: boolean
  /** As busy as the mean of all tables, or more: there are few such, as work is spread unevenly. */
  readonly busy: boolean
}

/**
 * By key of the table. Two things count as a scan and are none of the program's: a dump or a copy scans each table once
 * from end to end, so the fewest sequential scans of all tables are taken off each; and an update or a delete looks its
 * rows up first, so as many scans as rows were changed are taken off.
 */
export function buildActivity(all: readonly TableStatistics[]): Map<string, Activity> {
  const dumps = all.reduce((least, one) => Math.min(least, one.sequentialScans), Number.POSITIVE_INFINITY)
  const counted = all.map((statistics) => {
    const changed = statistics.updates + statistics.deletes
    const scans = Math.max(0, statistics.sequentialScans - dumps + statistics.indexScans - changed)
    return { statistics, scans, writes: statistics.inserts + changed }
  })
  const usual = mean(counted.map((one) => one.scans + one.writes))
  return new Map(
    counted.map((one) => {
      const total = one.scans + one.writes
      const key = tableKey(one.statistics.schema, one.statistics.name)
      return [key, { ...one, quiet: total === 0, busy: total > 0 && total >= usual }]
    }),
  )
}

/** What the numbers are, in a sentence. */
export function tellStatistics({ statistics, scans, writes }: Activity): string {
  const since = statistics.since === null ? 'since its statistics began' : `since ${day(statistics.since)}`
  const rows = statistics.rows === null ? 'never analyzed' : `about ${count(statistics.rows, 'row')}`
  const times = [
    statistics.lastVacuum === null ? 'never vacuumed' : `last vacuum ${day(statistics.lastVacuum)}`,
    ...(statistics.lastAnalyze === null ? [] : [`last analyze ${day(statistics.lastAnalyze)}`]),
    ...(statistics.lastScan === null ? [] : [`last scan ${day(statistics.lastScan)}`]),
  ]
  return `The database ${since}: ${count(scans, 'scan')}, ${count(writes, 'row')} written; ${rows}, ${times.join(', ')}.`
}

export function count(number: number, what: string, many = `${what}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? what : many}`
}

function day(time: string): string {
  return time.slice(0, 10)
}
