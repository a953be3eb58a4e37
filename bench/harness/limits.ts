/** By the name of a measure: what was tried, and what limits a figure that is not reached. */
export const LIMITS: Readonly<Record<string, string>> = {
  backfill:
    'It fills two tables, the new one and lineage, where INSERT … SELECT fills one; each chunk is a transaction with its guard and its progress, of 60 ms so that nobody waits for long. Two workers on two cores share them with the client. Tried: counting along indexes for the end of a chunk (126 to 23 ms for 20,000 keys), parts by a sample of the keys.',
  verify:
    'Beside the comparison it draws samples, accounts for every old row, and looks up differences again; at 2,000 rows that alone takes half a second. Tried: lineage is told the range (each range read all of it), one image per row, places counted once: 10.1 to 3.9 times.',
  compat:
    'Of two sources, a row of the view is a new row and what lineage says of its sources. Tried: a left join that the planner drops where no column of lineage is asked for, and an anti-join over a partial index of the rows that a source lacks. A range of old ids goes over the carried column of lineage and then row by row.',
  'single-row':
    'Nearly all of it is PL/pgSQL and the executor: the trigger, eleven pinned settings, a subtransaction, one projection, one write, two seals, and expressions that are set up anew in each transaction. An empty trigger with these settings costs a fifth of it. Tried: one function instead of three, the key without a query, no lock where one old row makes the new one, lineage only where it changes, the secret in a sequence: two thirds of the former overhead are left.',
}
