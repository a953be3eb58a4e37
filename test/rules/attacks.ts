/** What is done to an application's database that would break a naive sync, and the tests that do it. */
export interface Attack {
  readonly what: string
  /** As in `Rule.tests`. */
  readonly tests: readonly string[]
}

export const ATTACKS: readonly Attack[] = [
  {
    what: 'two sources of one row overlap in time, in every pair of isolation levels',
    tests: ['engine/races.test.ts > transaction change one source each of one new row: neither change is lost'],
  },
  {
    what: 'a key that is found through another table, whose partner comes late, changes, or goes',
    tests: [
      'engine/links.test.ts > a row is found by its partner, whichever of the two comes first',
      'engine/links.test.ts > a partner that changes its link, or goes, takes what it was linked to with it',
      'engine/links-chain.test.ts > a chain is written at both ends',
    ],
  },
  {
    what: 'backfill against delete and against update',
    tests: ['backfill/reconcile.test.ts > writers during the backfill: no row is lost'],
  },
  {
    what: 'a writer that is still uncommitted when the backfill ends',
    tests: ['backfill/reconcile.test.ts > waits for a writer that is still uncommitted when the backfill ends'],
  },
  {
    what: 'triggers are installed while writers run',
    tests: [
      'lifecycle/install-sync.test.ts > no trigger is there before all are',
      'lifecycle/install-sync.test.ts > writers go on while triggers are installed and rows are copied',
    ],
  },
  {
    what: 'a change of key',
    tests: [
      'engine/races.test.ts > an old row changes its key: both keys are projected',
      'engine/moved-keys.test.ts > two rows move the other way round',
    ],
  },
  {
    what: 'TRUNCATE, by either name, of a partition, and of a table that gives keys',
    tests: [
      'engine/races.test.ts > takes its part out of the new one',
      'engine/guard.test.ts > a session that replicates does not get past either',
      'engine/links.test.ts > TRUNCATE of the table that gives keys',
      'engine/capture.test.ts > nothing tells of a partition that is truncated, detached or dropped',
    ],
  },
  {
    what: 'cascades of old foreign keys',
    tests: [
      'engine/capture.test.ts > what a foreign key of the old tables deletes, changes or empties',
      'engine/parents-references.test.ts > a native delete of a tree of',
    ],
  },
  { what: 'COPY', tests: ['engine/capture.test.ts > COPY into an old table, and a COPY that fails half way'] },
  { what: 'rules (CREATE RULE)', tests: ['engine/capture.test.ts > rules of an old table'] },
  {
    what: 'rows that logical replication applies',
    tests: ['engine/guard.test.ts > a session that replicates does not get past either'],
  },
  {
    what: 'partitions and inheritance',
    tests: [
      'engine/capture.test.ts > partitions: written through the table and by their own names',
      'engine/links-types.test.ts > who writes a partition by its own name is waited for, too',
      'lifecycle/preconditions.test.ts > a partition as a source',
      'lifecycle/preconditions.test.ts > a source with inheritance children',
    ],
  },
  {
    what: 'upserts with DO NOTHING and DO UPDATE, and MERGE, by either name',
    tests: [
      'engine/races.test.ts > an upsert on an old table is an insert or an update like any other',
      'engine/native-families.test.ts > native upserts and MERGE reach old rows, and tell what they wrote',
    ],
  },
  {
    what: 'generated columns (stored and virtual) and identity columns',
    tests: [
      'engine/generated.test.ts > generated columns (',
      'engine/generated.test.ts > a new identity column GENERATED ALWAYS keeps the old numbers',
      'engine/native.test.ts > an old key GENERATED ALWAYS AS IDENTITY is read through the compat view',
      'lifecycle/sequences.test.ts > numbers that both sides give are given once',
    ],
  },
  {
    what: 'an old trigger that writes other mapped rows, by an old and by a native write',
    tests: ['engine/old-triggers.test.ts > an AFTER trigger writes other mapped rows, by unqualified names'],
  },
  {
    what: 'an old BEFORE trigger that changes the row, or drops the write',
    tests: [
      'engine/old-triggers.test.ts > a BEFORE trigger of an old table changes columns',
      'engine/old-triggers.test.ts > a BEFORE trigger that drops a write',
    ],
  },
  {
    what: 'an old trigger that fails on some rows, by an old and by a native write',
    tests: ['engine/old-triggers.test.ts > an old trigger that fails on some rows'],
  },
  {
    what: 'an application role that tries to set the guard',
    tests: [
      'engine/guard.test.ts > no value that an application sets passes for the guard',
      'engine/guard.test.ts > who knows all of the seal but its secret',
      'engine/guard.test.ts > an application role can read neither the secret nor call what guards',
    ],
  },
  {
    what: 'another TimeZone, DateStyle, search path, planner setting',
    tests: [
      'engine/application-session.test.ts > what is computed does not depend on the session',
      'engine/application-session.test.ts > a native write does not depend on the session either',
    ],
  },
  {
    what: "a bystander's key",
    tests: ['engine/moved-keys.test.ts > a write to one key does not wait for who holds another'],
  },
  {
    what: 'forty contended rows in one transaction, and an application with a statement timeout',
    tests: [
      'engine/budget.test.ts > forty contended rows in one transaction wait no longer than the budget in all',
      'engine/budget.test.ts > an application with a statement timeout',
    ],
  },
  {
    what: 'new-schema errors while the application writes: constraint, cast, missing grant, table away, column renamed',
    tests: [
      'engine/new-schema-errors.test.ts > fails on the new side alone, is journaled, and heals',
      'engine/new-schema-errors.test.ts > while the application writes: nothing fails, keys wait, and it heals',
      'engine/new-schema-errors.test.ts > under a session that goes on writing: nothing fails, and it heals',
      'engine/application-session.test.ts > where sync itself lacks a right on the new table',
      'engine/journal-honest.test.ts > a row of two sources that cannot be computed stops no comparison',
    ],
  },
  {
    what: 'deadlocks between writers, of one side and of both, beside a control run without Crossfade',
    tests: [
      'engine/deadlocks.test.ts > without Crossfade: ',
      'engine/deadlocks.test.ts > with Crossfade: ',
      'engine/deadlocks.test.ts > an old and a native transaction that meet on new rows alone: the old one never fails',
    ],
  },
  {
    what: 'row level security and FORCE on an old table, as roles that see some rows, all, or none',
    tests: [
      'engine/application-session.test.ts > row level security of an old table neither hides rows from sync nor opens them',
      'engine/application-session.test.ts > anonymous, authenticated and service roles',
      'engine/application-session.test.ts > where row security hides old rows from the owner of sync',
      'engine/lineage.test.ts > lineage hides what row security hides',
      'lifecycle/preconditions.test.ts > FORCE ROW LEVEL SECURITY under a role that it holds for',
    ],
  },
  {
    what: 'deferrable constraints, of an old table and of a new one',
    tests: [
      'engine/capture.test.ts > a deferrable unique of an old table, under which two rows swap their keys',
      'engine/capture.test.ts > a deferred constraint of an old table fails its COMMIT',
      'lifecycle/preconditions.test.ts > a deferrable constraint of a new table',
    ],
  },
  {
    what: 'hostile identifiers',
    tests: [
      'engine/hostile-names.test.ts > columns of every name',
      'engine/hostile-names.test.ts > become $target under key',
    ],
  },
  {
    what: 'every type, with its edge values; values out of line',
    tests: [
      'engine/edge-values.test.ts > every value arrives as it is, forth and back, and nothing differs',
      'engine/edge-values.test.ts > a value of half a megabyte, out of line and compressed',
      'engine/images.test.ts > equal values that are written otherwise',
    ],
  },
  {
    what: 'all of it at once, under load, by both names',
    tests: [
      'engine/links-stress.test.ts > linked rows, children and contenders converge under load',
      'engine/families-stress.test.ts > families converge under load',
      'engine/two-way-stress.test.ts > writers on both sides at once leave no difference',
      'engine/two-way-stress.test.ts > each queued row is claimed once, whoever of either side wants it',
    ],
  },
]
