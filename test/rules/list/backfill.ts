import type { Rule } from '../rule.ts'

/** The rows that were there before. */
export const BACKFILLED: readonly Rule[] = [
  {
    id: 'reconcile-waits',
    rule: 'Reconciliation waits until every transaction of the time of the backfill has ended.',
    without: 'A row whose writer commits late is missing, or lives on.',
    file: 'src/backfill/reconcile.ts',
    from: `    await waitForOldTransactions(client, work)\n`,
    to: '',
    tests: ['backfill/reconcile.test.ts > waits for a writer that is still uncommitted when the backfill ends'],
  },
  {
    id: 'reconcile-compares',
    rule: 'After the backfill both sides are compared, and what differs is computed again.',
    without: 'A row that was deleted under a chunk comes back from the dead.',
    file: 'src/backfill/reconcile.ts',
    from: `      await enqueueKeys(client, name, keys)`,
    to: '',
    tests: ['backfill/reconcile.test.ts > what differs after the backfill is computed again'],
  },
  {
    id: 'reconcile-both-directions',
    rule: 'The comparison looks from both sides.',
    without: 'Rows that the new table has too many are not found.',
    file: 'src/sqlgen/compare.ts',
    from: `nextBound(t, { ...range, includeTarget: true })`,
    to: `nextBound(t, { ...range, includeTarget: false })`,
    tests: ['backfill/reconcile.test.ts > what differs after the backfill is computed again'],
  },
  {
    id: 'chunk-leaves-newer',
    rule: 'A chunk leaves a row that a trigger writes under it as it is.',
    without: 'Where many write, a backfill has ever smaller chunks, and hands rows that fit to the applier.',
    file: 'src/sqlgen/backfill.ts',
    from: `  ON CONFLICT (\${join(keys)}) DO NOTHING\n  RETURNING \${join(keys)}\n`,
    to: `  RETURNING \${join(keys)}\n`,
    tests: ['backfill/run-backfill.test.ts > a contested chunk waits for the rows of others'],
  },
  {
    id: 'chunk-again',
    rule: 'A chunk that somebody else wrote into is copied once more, around those rows.',
    without: 'Where many write, a backfill has ever smaller chunks, and hands rows that fit to the applier.',
    file: 'src/backfill/copy-chunk.ts',
    from: `      return copy('contested')`,
    to: `      throw error`,
    tests: ['backfill/run-backfill.test.ts > a row that a trigger writes under a chunk'],
  },
  {
    id: 'chunk-with-progress',
    rule: 'A chunk notes its progress in its own transaction.',
    without: 'A killed backfill begins anew, or leaves a gap.',
    file: 'src/backfill/copy-chunk.ts',
    from: `      await applyBackfillProgress(client, t.name, { ...range, rows: copied })\n      return`,
    to: `      return`,
    tests: ['backfill/run-backfill.test.ts > a killed run goes on where it was'],
  },
  {
    id: 'chunk-around-misfits',
    rule: 'A row that does not fit takes no other out of its chunk.',
    without: 'One bad row stops a backfill.',
    file: 'src/sqlgen/backfill.ts',
    from: `return mayRefuse(t) ? sql\`p.crossfade_refusal IS NULL AND \${there}\` : there`,
    to: `return there`,
    tests: ['backfill/run-backfill.test.ts > a row that does not fit is journaled with the reason'],
  },
  {
    id: 'install-at-once',
    rule: 'All triggers are installed in one transaction.',
    without: 'A write between two of them is lost for good.',
    file: 'src/lifecycle/install-sync.ts',
    from: `      await session.query(\`LOCK TABLE \${join(names).text} IN SHARE ROW EXCLUSIVE MODE\`)
      await applyStatements(
        session,
        'sync',
        plan.filter((statement) => statement.lock.on !== null),
      )`,
    to: `      for (const statement of plan.filter((one) => one.lock.on !== null)) {
        await applyStatements(session, 'sync', [statement])
        await session.query('COMMIT; BEGIN; SET LOCAL lock_timeout = 100')
      }
      if (names.length === 0) join(names)`,
    tests: ['lifecycle/install-sync.test.ts > no trigger is there before all are'],
  },
  {
    id: 'install-cleans-up',
    rule: 'Sync begins with an empty outbox and journal.',
    without: 'What an earlier try left behind counts for this one.',
    file: 'src/lifecycle/install-sync.ts',
    from: `for (const left of ['outbox', 'backfill', 'journal'])`,
    to: `for (const left of [] as string[])`,
    tests: ['lifecycle/held-tables.test.ts > an applier that is at it stops no rollback'],
  },
  {
    id: 'install-sweeps',
    rule: 'What a rollback could only silence is removed by the next command.',
    without: 'The next sync fails at a trigger that is there already.',
    file: 'src/lifecycle/install-sync.ts',
    from: `      await session.query(/* sql */ \`SELECT crossfade.sweep()\`)\n`,
    to: '',
    tests: ['lifecycle/held-tables.test.ts > a rollback silences the triggers of a table that somebody holds'],
  },
]

/** What must be so before anything is built. */
export const PRECONDITIONS: readonly Rule[] = [
  {
    id: 'precondition-partition',
    rule: 'A partition is no source.',
    without: 'Rows of the other partitions are not followed.',
    file: 'src/lifecycle/preconditions.ts',
    from: `if (table.isPartition) {`,
    to: `if (table.isPartition && place === '') {`,
    tests: ['lifecycle/preconditions.test.ts > a partition as a source'],
  },
  {
    id: 'precondition-inheritance',
    rule: 'A source has no inheritance children.',
    without: 'Rows that are written to a child fire no trigger of the parent.',
    file: 'src/lifecycle/preconditions.ts',
    from: `if (table.kind === 'table' && table.children.length > 0) {`,
    to: `if (table.kind === 'table' && table.children.length < 0) {`,
    tests: ['lifecycle/preconditions.test.ts > a source with inheritance children'],
  },
  {
    id: 'precondition-force-rls',
    rule: 'FORCE ROW LEVEL SECURITY needs a role that it does not hold for.',
    without: 'A recompute sees no row.',
    file: 'src/lifecycle/preconditions.ts',
    from: `if (forced.length === 0) return`,
    to: `if (forced.length >= 0) return`,
    tests: ['lifecycle/preconditions.test.ts > FORCE ROW LEVEL SECURITY under a role that it holds for'],
  },
  {
    id: 'precondition-deadlock-timeout',
    rule: 'The budget is far below deadlock_timeout.',
    without: 'The server picks the application as the victim of a cycle that Crossfade closed.',
    file: 'src/lifecycle/preconditions.ts',
    from: `if (mapping.budgetMs * 2 <= ms) return`,
    to: `if (mapping.budgetMs > 0) return`,
    tests: ['lifecycle/preconditions.test.ts > a budget that is too near to deadlock_timeout'],
  },
  {
    id: 'precondition-deferrable',
    rule: 'No constraint of a new table is deferrable.',
    without: 'It fails the COMMIT of a write by an old name, outside every handler.',
    file: 'src/lifecycle/new-tables.ts',
    from: `  if (deferred) {`,
    to: `  if (deferred && place === '') {`,
    tests: ['lifecycle/preconditions.test.ts > a deferrable constraint of a new table'],
  },
]
