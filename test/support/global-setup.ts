import type { TestProject } from 'vitest/node'
import { assertMajor } from '../../src/embedded/binaries.ts'
import { startServer } from '../../src/embedded/server.ts'
import { fastSettings } from '../../src/embedded/settings.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser URL of the cluster that all tests of a run share. */
    serverUrl: string
  }
}

/**
 * One cluster per run. CROSSFADE_TEST_PG chooses its major version; CROSSFADE_TEST_URL takes a server that is there
 * already (superuser), so that the database of a failed test can be opened after the run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.CROSSFADE_TEST_URL
  if (given) {
    project.provide('serverUrl', given)
    return async () => {}
  }
  const version = Number(process.env.CROSSFADE_TEST_PG || 18)
  assertMajor(version)
  const server = await startServer({
    version,
    settings: { ...fastSettings, max_connections: '200', max_prepared_transactions: '10' },
  })
  project.provide('serverUrl', server.url)
  return () => server.stop()
}
