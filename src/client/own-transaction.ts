import type { TransactionSql } from 'postgres'
import type { AnySql } from './postgres-query.ts'

/** A read-only transaction on a connection of the pool, so that nothing of it stays with the connection. */
export async function readInTransaction<T>(sql: AnySql, work: (own: TransactionSql) => Promise<T>): Promise<T> {
  const run = async (own: TransactionSql): Promise<{ answer: T }> => {
    try {
      return { answer: await work(own) }
    } catch (error) {
      // The driver would send a ROLLBACK into the lost connection, and throw where nobody can catch it. It rejects by
      // itself when the connection closes.
      if (isConnectionLost(error)) return new Promise(() => {})
      throw error
    }
  }
  const { answer } = (await sql.begin('read only', run)) as { answer: T }
  return answer
}

/** The driver, like Node's sockets, gives such errors an errno. */
function isConnectionLost(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error
}
