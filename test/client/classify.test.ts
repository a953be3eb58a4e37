import fc from 'fast-check'
import { loadModule, parseSync } from 'libpg-query'
import { beforeAll, describe, expect, test } from 'vitest'
import { classify } from '../../src/client/classify.ts'

beforeAll(() => loadModule())

function tablesOf(text: string): string[] | null {
  const names = classify(text)?.names
  return names === undefined ? null : ['posts', 'Posts', 'tweets'].filter((name) => names.has(name))
}

describe('reads', () => {
  test.each<[sql: string, tables: string[]]>([
    ['select * from posts', ['posts']],
    ['SELECT * FROM Posts', ['posts']],
    ['select * from "Posts"', ['Posts']],
    ['select * from "posts";', ['posts']],
    [' /* /* nested */ ; */ select 1 -- ; delete\n from posts ; ', ['posts']],
    ['select * from posts p join tweets t on t.id = p.id', ['posts', 'tweets']],
    ['select * from a, posts where id = $1 and b in ($2, $3)', ['posts']],
    ['select * from (posts p join tweets t using (id))', ['posts', 'tweets']],
    ['select (select count(*) from posts) + 1', ['posts']],
    ['with a as (select * from posts) select * from a', ['posts']],
    ['with recursive a as not materialized (select 1 from posts union all select 1 from a) select * from a', ['posts']],
    ["select 'it''s; delete from x' from posts", ['posts']],
    ["select E'\\'; delete from x; --' from posts", ['posts']],
    ["select 'a\\d+b' ~ x from posts", ['posts']],
    ['select $$;delete$$, $a$ $$ ; $a$ from posts', ['posts']],
    ["select U&'d\\0061t' from posts", ['posts']],
    ["select b'01', x'ff', N'x', date '2020-01-01' from posts", ['posts']],
    ['select "a""b;" from posts', ['posts']],
    ['select count(*) filter (where x), row_number() over (partition by a order by b) from posts', ['posts']],
    ['select percentile_cont(0.5) within group (order by x) from posts', ['posts']],
    ["select now() - interval '1 day', x::numeric(5,4), cast(y as varchar(3)) from posts", ['posts']],
    ['select "lower"(x), pg_catalog.upper(x) from posts', ['posts']],
    ['select substring(a for 3), extract(epoch from b) from posts limit 1 offset 2', ['posts']],
    [
      'select a[1], b->>$1, c #> d, 1.5e3, .5 from posts where x @> y and not exists (select 1 from tweets)',
      ['posts', 'tweets'],
    ],
    ['select x from posts group by rollup (a, b)', ['posts']],
    ['select * from public.posts', []],
    ['select posts.id from public.posts', []],
    ['select 1', []],
    ['select * from other where posts = 1', []],
    ['select * from übergröße, posts', ['posts']],
  ])('%s', (sql, tables) => {
    expect(() => parseSync(sql)).not.toThrow()
    expect(tablesOf(sql)).toEqual(tables)
  })
})

describe('what stays on the old side', () => {
  test.each([
    '',
    ';',
    'insert into posts values (1)',
    'update posts set a = 1',
    'delete from posts',
    'merge into posts using t on true when matched then delete',
    'truncate posts',
    'copy posts to stdout',
    'begin',
    'explain analyze select * from posts',
    'table posts',
    'values (1)',
    '(select * from posts)',
    'prepare a as select * from posts',
    'declare c cursor for select * from posts',
    'select 1; select * from posts',
    'select * from posts; delete from posts',
    'select * from posts for update',
    'select * from posts FOR NO KEY UPDATE skip locked',
    'select * from posts for key share',
    'select * from posts for/**/share',
    'select * into copy from posts',
    'with d as (delete from posts returning *) select * from d',
    'with d as (insert into t select * from posts returning *) select * from d',
    'with d as (select 1) update posts set a = 1',
    'with d as materialized (merge into posts using t on true when matched then delete returning *) select 1',
    "select nextval('s') from posts",
    "select set_config('search_path', 'x', false) from posts",
    'select claim_post(id) from posts',
    'select "Lower"(x) from posts',
    'select public.lower(x) from posts',
    'select x.pg_catalog.lower(x) from posts',
    'select "pg_advisory_lock"(1) from posts',
    'select over(x) from posts',
    'select filter(x) from posts',
    'select a over(x) from posts',
    'select materialized(x) from posts',
    'select "values"(x) from posts',
    'select f/**/(x) from posts',
    'select ctid from posts',
    'select "xmin" from posts',
    'select posts.tableoid::regclass from posts',
    "select 'posts'::regclass from posts",
    'select cast(\'posts\' as "regclass") from posts',
    'select * from posts tablesample system (10)',
    'select * from only posts',
    'select current_schema from posts',
    'select current_schema() from posts',
    'select a operator(public.=) b from posts',
    "select 'a\\' from posts",
    "select E'a'\n'b\\'; delete from posts; --' from posts",
    'select U&"d\\0061ta" from posts',
    "select 'open from posts",
    'select "open from posts',
    'select $$open from posts',
    'select /* /* open */ from posts',
    'select 1x from posts',
    'select $1x from posts',
    'select \\g from posts',
    'select 1\u0000 from posts',
    '\ufeffselect * from posts',
    `select * from posts where id in (${'1,'.repeat(20_000)}1)`,
  ])('%s', (sql) => {
    expect(classify(sql)).toBeNull()
  })

  test('the answer is the same when it is remembered', () => {
    for (let i = 0; i < 2; i += 1) {
      expect(tablesOf('select 7 from posts')).toEqual(['posts'])
      expect(classify('delete from posts where 7 = 7')).toBeNull()
    }
    for (let i = 0; i < 1_500; i += 1) classify(`select ${i} from posts`)
    expect(tablesOf('select 7 from posts')).toEqual(['posts'])
  })
})

/** Pieces that lead a lexer astray when they meet. */
const PIECE = fc.constantFrom<string[]>(
  ...[
    "'",
    "''",
    "'a'",
    "'\\'",
    "'\\\\'",
    "E'",
    "e'\\''",
    "E'\\\\'",
    "U&'x'",
    "b'1'",
    "N'x'",
    '"',
    '"a"',
    '""',
    'U&"a"',
  ],
  ...[
    '$$',
    '$a$',
    '$1',
    '$a',
    'a$b$',
    '$é$',
    '--',
    '--\n',
    '-- x\r',
    '/*',
    '*/',
    '/* x */',
    '/**/',
    '/*/',
    '\\',
    '\n',
    ' ',
  ],
  ...[';', '(', ')', ',', '.', '*', '::', '=', '1', '1.5', '1e', 'x', 'é', '\u00a0', '\t', '\f', '\v'],
  ...['select', 'from', 'posts', 'with', 'a as (', 'where', 'true', 'for update', 'for share', 'into t', 'union'],
  ...[
    'delete from posts',
    'update posts set x = 1',
    'insert into posts values (1)',
    'returning 1',
    '; delete from posts',
  ],
  ...['lower(x)', 'nextval(x)', 'f(', '"f"(', 'over (', 'filter (', 'as', 'SELECT 1', 'select * from posts'],
)

const SHUFFLED = fc
  .tuple(
    fc.constantFrom<string[]>('', 'select ', 'with a as (', 'select * from posts ', '/*', '--x\n'),
    fc.array(PIECE, { maxLength: 12 }),
  )
  .chain(([start, pieces]) => fc.constantFrom<string[]>('', ' ').map((space) => start + pieces.join(space)))

/** What is always valid, so that the property does not only see texts that PostgreSQL refuses. */
const NOISE = fc.constantFrom<string[]>(
  ' ',
  '\n',
  '\t',
  '/**/',
  '/* ; */',
  '/* /* */ select */',
  '-- select\n',
  '--;\r',
)
const VALUE = fc.constantFrom<string[]>(
  "'a'",
  "''''",
  "E'\\''",
  "E'\\\\'",
  '$$;$$',
  "$q$ ' $q$",
  '"x"',
  'x',
  '1',
  "'\\d'",
  "U&'\\0061'",
)
const SELECT = fc.tuple(VALUE, NOISE, VALUE).map(([a, n, b]) => `select${n}${n}${a} as a,${n}${b} as b${n} from posts`)
const WRITE = fc
  .tuple(VALUE, NOISE)
  .chain(([v, n]) =>
    fc.constantFrom<string[]>(
      `delete${n} from posts where x = ${v}`,
      `update posts${n} set x =${n}${v}`,
      `insert${n}into posts values (${v})`,
    ),
  )
const WRITING_STATEMENT = fc
  .tuple(SELECT, WRITE, NOISE, fc.boolean())
  .chain(([read, write, n, upper]) =>
    fc
      .constantFrom<string[]>(
        write,
        `${n}${write}${n}`,
        `${read}${n};${n}${write}`,
        `with a as (${write} returning *)${n}${read}`,
        `with a as (${read}),${n}b as${n}(${n}${write}${n} returning 1) select * from a`,
        `with a as (${read})${n}${write}`,
        `${read}${n}for${n}update`,
        `${read}${n}for${n}no${n}key${n}update`,
        `select${n}*${n}into${n}t from posts`,
      )
      .map((text) => (upper && !text.includes('$') && !text.includes('E') ? text.toUpperCase() : text)),
  )

describe('a write is never taken for a read', () => {
  test('whatever stands around it', () => {
    fc.assert(
      fc.property(WRITING_STATEMENT, (text) => {
        expect(() => parseSync(text)).not.toThrow()
        expect(classify(text)).toBeNull()
      }),
      { numRuns: 2_000 },
    )
  })

  test("what is taken for a read is one to PostgreSQL's own parser, or no statement at all", () => {
    fc.assert(
      fc.property(fc.oneof(SHUFFLED, SELECT, WRITING_STATEMENT), (text) => {
        if (classify(text) === null) return
        let parsed: { stmts?: { stmt?: object }[] }
        try {
          parsed = parseSync(text) as typeof parsed
        } catch {
          return
        }
        expect(parsed.stmts).toHaveLength(1)
        const tree = JSON.stringify(parsed)
        expect(Object.keys(parsed.stmts?.[0]?.stmt ?? {})).toEqual(['SelectStmt'])
        expect(tree).not.toMatch(/"(InsertStmt|UpdateStmt|DeleteStmt|MergeStmt|intoClause|lockingClause)"/)
      }),
      { numRuns: 5_000 },
    )
  })

  test('and not too few are reads', () => {
    fc.assert(fc.property(SELECT, (text) => tablesOf(text)?.includes('posts') ?? false))
  })
})
