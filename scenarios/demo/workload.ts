import type pg from 'pg'
import type { ModuleKind } from '../../src/demo/application/activity.ts'
import { cleanByOldNames, cleanNatively } from '../../src/demo/application/cleaner.ts'
import { collectByOldNames, collectNatively } from '../../src/demo/application/collector.ts'
import { makeEditor } from '../../src/demo/application/editor.ts'
import { planByOldNames, planNatively } from '../../src/demo/application/planner.ts'
import { postByOldNames, postNatively } from '../../src/demo/application/poster.ts'
import { Session } from '../../src/demo/application/session.ts'
import { APPLICATION_ROLE } from '../../src/demo/legacy-schema.ts'
import type { Workload, Writer } from '../../test/scenarios/workload.ts'

type Step = (session: Session) => Promise<void>

/** A module of the demo's application on one connection of its own. */
function module(name: ModuleKind, version: 'old' | 'native', lane: number, step: Step): Writer {
  let session: Session | null = null
  let of: pg.Client | null = null
  return async (client) => {
    if (session === null || of !== client)
      session = new Session(asPool(client), { name, kind: name, version, lane, pace: 1 })
    of = client
    await step(session)
    session.takeActivity()
  }
}

function asPool(client: pg.Client): pg.Pool {
  const connection = Object.assign(client, { release: () => undefined })
  return { query: client.query.bind(client), connect: async () => connection } as unknown as pg.Pool
}

const OLD = ['content_metadata', 'content_generation_metadata_comprehensive'] as const

export const workload: Workload = {
  role: APPLICATION_ROLE,
  old: {
    planner: module('planner', 'old', 0, planByOldNames),
    poster: module('poster', 'old', 0, postByOldNames),
    collector: module('collector', 'old', 0, collectByOldNames),
    editor: module('editor', 'old', 0, makeEditor(OLD)),
    cleaner: module('cleaner', 'old', 0, cleanByOldNames),
  },
  native: {
    planner: module('planner', 'native', 1, planNatively),
    poster: module('poster', 'native', 1, postNatively),
    collector: module('collector', 'native', 1, collectNatively),
    editor: module('editor', 'native', 1, makeEditor(['content_queue'])),
    cleaner: module('cleaner', 'native', 1, cleanNatively),
  },
}
