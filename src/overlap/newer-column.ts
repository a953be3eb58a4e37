import type { Candidate, CandidateColumn } from './candidate.ts'
import { familyOf, isTime, plainName } from './column-family.ts'

/** What says when a row was last written, the best first; then when it was made. */
const NAMES: readonly RegExp[] = [
  /^(updated|modified|changed|edited)(at|on|time|date|ts)?$/,
  /^(last|date)?(updated|modified|changed|edited|update|modification|change)(at|on|time|date|ts)?$/,
  /(updated|modified|changed)/,
  /^(created|inserted|added)(at|on|time|date|ts)?$/,
  /^(posted|published|captured|collected|measured|recorded|logged|sent|occurred|fetched)(at|on)?$/,
  /(at|on|time|timestamp|date)$/,
]

/** The column that tells which of two rows is newer; null where no time tells it. */
export function findNewerColumn({ columns }: Candidate): CandidateColumn | null {
  const times = columns.filter((column) => isTime(familyOf(column)))
  for (const pattern of NAMES) {
    const found = times.find((column) => pattern.test(plainName(column.name)))
    if (found) return found
  }
  return null
}
