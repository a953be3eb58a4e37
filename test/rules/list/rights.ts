import type { Rule } from '../rule.ts'

const ACCESS = 'src/sqlgen/access.ts'
const SECURITY = 'src/lifecycle/row-security.ts'

/** The new tables are never more open than the old. */
export const RIGHTS: readonly Rule[] = [
  {
    id: 'security-definer',
    rule: 'Sync runs with the rights of its owner.',
    without: 'A role that may write one old table, and read no other, fails or deletes.',
    file: 'src/sqlgen/function.ts',
    from: `\\nSECURITY DEFINER\\n`,
    to: `\\n`,
    tests: ['engine/application-session.test.ts > row level security of an old table neither hides rows from sync'],
  },
  {
    id: 'compat-invoker',
    rule: 'A compat view is read with the rights of its reader.',
    without: 'It shows everybody every row.',
    file: 'src/sqlgen/compat.ts',
    from: ` WITH (security_invoker = true) AS`,
    to: ` AS`,
    tests: ['engine/application-session.test.ts > anonymous, authenticated and service roles write and read'],
  },
  {
    id: 'rights-read-all',
    rule: 'A role reads a new column only where it may read every old one that feeds it.',
    without: 'Who may read one of two tables reads both.',
    file: ACCESS,
    from: `filter((name) => fed.every((one) => mayRead(one, name, role, lookup)))`,
    to: `filter((name) => fed.some((one) => mayRead(one, name, role, lookup)))`,
    tests: ['engine/appended-identity.test.ts > who may read the old table but not the one that gives a value'],
  },
  {
    id: 'rights-write-all',
    rule: 'A role writes a new table only where it may write every old one.',
    without: 'Who may write one of two tables writes both.',
    file: ACCESS,
    from: `tables.every((table) => allowed(table, role, p, null)),`,
    to: `tables.some((table) => allowed(table, role, p, null)),`,
    tests: ['lifecycle/rights.test.ts > a role may do with a new table what it may do with every old one'],
  },
  {
    id: 'rights-lineage',
    rule: 'Who may not read a key in the old tables does not learn it from lineage.',
    without: 'Hidden keys are readable in the control schema.',
    file: ACCESS,
    from: `    if (t.kind === 'merge') return readable.includes(name)`,
    to: `    if (t.kind === 'merge') return readable.length >= 0`,
    tests: ['lifecycle/rights.test.ts > who may not read the keys of an old table does not learn them from lineage'],
  },
  {
    id: 'row-security-all-or-none',
    rule: 'Row security that only some of the old tables have is not carried over silently.',
    without: 'Rows of the secured table are open, or rows of the other hidden.',
    file: SECURITY,
    from: `  if (!first || open) throw`,
    to: `  if (!first) throw`,
    tests: ['lifecycle/rights.test.ts > row security that cannot be carried over is refused'],
  },
  {
    id: 'row-security-same',
    rule: 'Policies that differ are not carried over silently.',
    without: 'Rows of one table are open to readers of the other.',
    file: SECURITY,
    from: `  if (other) throw`,
    to: `  if (other && other === first) throw`,
    tests: ['lifecycle/rights.test.ts > row security that cannot be carried over is refused'],
  },
  {
    id: 'row-security-same-meaning',
    rule: 'A policy is carried over only where what it looks at means the same in the new table.',
    without: 'A row is shown by the value that another source gave it.',
    file: SECURITY,
    from: `    if (!plain || !(key || t.sources.length === 1))`,
    to: `    if (!plain && !(key || t.sources.length === 1))`,
    tests: ['lifecycle/rights.test.ts > row security that cannot be carried over is refused'],
  },
  {
    id: 'row-security-carried',
    rule: 'Policies of the old tables that can be carried over are.',
    without: 'The new table is open.',
    file: SECURITY,
    from: `    if (secured.length === 0 || target?.rowSecurity) return []`,
    to: `    if (secured.length >= 0 || target?.rowSecurity) return []`,
    tests: ['lifecycle/rights.test.ts > policies that are the same, over the key, are carried over'],
  },
]
