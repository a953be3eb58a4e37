/** A file as a person has it, and as `crossfade codemod wrap` leaves it. */
export interface Case {
  readonly name: string
  readonly file: string
  readonly before: string
  readonly after: string
}

const JS = "import { createClient } from '@supabase/supabase-js'\n"
const OWN = "import { crossfade } from 'pg-crossfade/supabase'\n"
const CREATED = 'createClient(url, key, { global: { fetch: crossfade({ url, key }) } })'

function fetchCase(name: string, before: string, after: string): Case {
  return { name, file: 'client.ts', before: `${JS}${before}\n`, after: `${JS}${OWN}${after}\n` }
}

function whole(name: string, file: string, before: string, after: string): Case {
  return { name, file, before, after }
}

export const CASES: readonly Case[] = [
  fetchCase('the plain client', 'export const a = createClient(url, key)', `export const a = ${CREATED}`),
  fetchCase(
    'types, casts and the environment',
    'export const a = createClient<Database>(process.env.URL!, process.env.KEY as string)',
    'export const a = createClient<Database>(process.env.URL!, process.env.KEY as string, { global: { fetch: crossfade({ url: process.env.URL!, key: process.env.KEY as string }) } })',
  ),
  fetchCase(
    'arguments on lines of their own, with a comma at the end',
    'const a = createClient(\n  url, // of the project\n  key,\n)',
    'const a = createClient(\n  url, // of the project\n  key,\n  { global: { fetch: crossfade({ url, key }) } },\n)',
  ),
  fetchCase(
    'a comment after the last argument',
    'const a = createClient(\n\turl,\n\tkey // anon\n)',
    'const a = createClient(\n\turl,\n\tkey,\n\t{ global: { fetch: crossfade({ url, key }) } } // anon\n)',
  ),
  fetchCase(
    'options in one line',
    'const a = createClient(url, key, { auth: { persistSession: false } })',
    'const a = createClient(url, key, { global: { fetch: crossfade({ url, key }) }, auth: { persistSession: false } })',
  ),
  fetchCase(
    'options without blanks',
    'const a = createClient(url,key,{auth:{persistSession:false}})',
    'const a = createClient(url,key,{global: { fetch: crossfade({ url, key }) }, auth:{persistSession:false}})',
  ),
  fetchCase(
    'options over several lines, with a comment on the first',
    'const a = createClient(url, key, {\n  // no cookies here\n  auth: { persistSession: false },\n})',
    'const a = createClient(url, key, {\n  global: { fetch: crossfade({ url, key }) },\n  // no cookies here\n  auth: { persistSession: false },\n})',
  ),
  fetchCase(
    'empty options',
    'const a = createClient(url, key, {})',
    'const a = createClient(url, key, {global: { fetch: crossfade({ url, key }) },})',
  ),
  fetchCase(
    'a global that is there',
    "const a = createClient(url, key, { global: { headers: { a: 'b' } } })",
    "const a = createClient(url, key, { global: { fetch: crossfade({ url, key }), headers: { a: 'b' } } })",
  ),
  fetchCase(
    'an empty global',
    'const a = createClient(url, key, { global: { } })',
    'const a = createClient(url, key, { global: {fetch: crossfade({ url, key }), } })',
  ),
  fetchCase(
    'a fetch of theirs',
    'const a = createClient(url, key, { global: { fetch: (input, init) => fetch(input, init) } } as const)',
    'const a = createClient(url, key, { global: { fetch: crossfade({ url, key, fetch: (input, init) => fetch(input, init) }) } } as const)',
  ),
  fetchCase(
    'names in quotes, and a cast',
    "const a = createClient(url, key, ({ 'global': { 'headers': {} } }) as any)",
    "const a = createClient(url, key, ({ 'global': { fetch: crossfade({ url, key }), 'headers': {} } }) as any)",
  ),
  fetchCase(
    'a fetch of theirs in short',
    'const a = createClient(url, key, { global: { fetch } })',
    'const a = createClient(url, key, { global: { fetch: crossfade({ url, key, fetch }) } })',
  ),
  fetchCase(
    'options spread before a global',
    'const a = createClient(url, key, { ...base, global: { headers } })',
    'const a = createClient(url, key, { ...base, global: { fetch: crossfade({ url, key }), headers } })',
  ),
  fetchCase(
    'options in a variable of the file',
    'const options = { auth: { persistSession: false } }\nconst a = createClient(url, key, options)',
    'const options = { auth: { persistSession: false } }\nconst a = createClient(url, key, { ...options, global: { fetch: crossfade({ url, key }) } })',
  ),
  fetchCase(
    'several clients, and settings that are read by functions',
    "const a = createClient(url, key)\nconst b = createClient(Deno.env.get('URL')!, getEnv('KEY'))",
    "const a = createClient(url, key, { global: { fetch: crossfade({ url, key }) } })\nconst b = createClient(Deno.env.get('URL')!, getEnv('KEY'), { global: { fetch: crossfade({ url: Deno.env.get('URL')!, key: getEnv('KEY') }) } })",
  ),
  whole(
    'another name, quotes and semicolons',
    'client.tsx',
    '\'use client\';\n/* (c) */\nimport { createClient as make } from "@supabase/supabase-js"; // the client\nimport React from "react";\n\nexport const a = make(url, key);\n',
    '\'use client\';\n/* (c) */\nimport { createClient as make } from "@supabase/supabase-js"; // the client\nimport React from "react";\nimport { crossfade } from "pg-crossfade/supabase";\n\nexport const a = make(url, key, { global: { fetch: crossfade({ url, key }) } });\n',
  ),
  whole(
    'the whole library, with Windows line breaks and no last one',
    'client.mts',
    "import * as supabase from '@supabase/supabase-js'\r\nexport default supabase.createClient(url, key)",
    "import * as supabase from '@supabase/supabase-js'\r\nimport { crossfade } from 'pg-crossfade/supabase'\r\nexport default supabase.createClient(url, key, { global: { fetch: crossfade({ url, key }) } })",
  ),
  whole(
    'the two of @supabase/ssr',
    'server.ts',
    "import { createBrowserClient, createServerClient } from '@supabase/ssr'\nexport const createClient = async () => createServerClient(url, key, { cookies: {\n  getAll: () => [],\n} })\nexport const b = () => createBrowserClient(url, key)\n",
    "import { createBrowserClient, createServerClient } from '@supabase/ssr'\nimport { crossfade } from 'pg-crossfade/supabase'\nexport const createClient = async () => createServerClient(url, key, { global: { fetch: crossfade({ url, key }) }, cookies: {\n  getAll: () => [],\n} })\nexport const b = () => createBrowserClient(url, key, { global: { fetch: crossfade({ url, key }) } })\n",
  ),
  whole(
    'a module from a server, and the class of clients',
    'index.ts',
    "import { SupabaseClient } from 'https://esm.sh/@supabase/supabase-js@2?target=deno'\nexport const a = new SupabaseClient(url, key)\n",
    "import { SupabaseClient } from 'https://esm.sh/@supabase/supabase-js@2?target=deno'\nimport { crossfade } from 'npm:pg-crossfade/supabase'\nexport const a = new SupabaseClient(url, key, { global: { fetch: crossfade({ url, key }) } })\n",
  ),
  whole(
    'Deno',
    'index.ts',
    "import { createClient } from 'npm:@supabase/supabase-js@2'\nconst a = new Map([[createClient(url, key), 1]])\n",
    "import { createClient } from 'npm:@supabase/supabase-js@2'\nimport { crossfade } from 'npm:pg-crossfade/supabase'\nconst a = new Map([[createClient(url, key, { global: { fetch: crossfade({ url, key }) } }), 1]])\n",
  ),
  whole(
    'a pool',
    'db.ts',
    "import { Pool } from 'pg'\n\nexport const pool: Pool = new Pool({ max: 5 })\n",
    "import { Pool } from 'pg'\nimport { crossfade } from 'pg-crossfade/pg'\n\nexport const pool: Pool = crossfade(new Pool({ max: 5 }))\n",
  ),
  whole(
    'pools of the default export, one without arguments',
    'db.js',
    "import pg from 'pg';\nconst { Pool: Pools } = pg;\nexport const a = [new pg.Pool, new Pools()].map((one) => one);\n",
    "import pg from 'pg';\nimport { crossfade } from 'pg-crossfade/pg';\nconst { Pool: Pools } = pg;\nexport const a = [crossfade(new pg.Pool), crossfade(new Pools())].map((one) => one);\n",
  ),
  whole(
    'a comment at the top that the first statement stands in',
    'db.cjs',
    "/* the\n pool */ module.exports = new (require('pg').Pool)()\n",
    "const { crossfade } = require('pg-crossfade/pg')\n/* the\n pool */ module.exports = crossfade(new (require('pg').Pool)())\n",
  ),
  whole(
    'a script on one line',
    'db.cjs',
    "'use strict'; module.exports = new (require('pg').Pool)()\n",
    "'use strict';\nconst { crossfade } = require('pg-crossfade/pg'); module.exports = crossfade(new (require('pg').Pool)())\n",
  ),
  whole(
    'the pool between requires',
    'db.cjs',
    "const { Pool } = require('pg');\nconst pool = new Pool();\nconst other = require('./other')(pool);\n",
    "const { Pool } = require('pg');\nconst { crossfade } = require('pg-crossfade/pg');\nconst pool = crossfade(new Pool());\nconst other = require('./other')(pool);\n",
  ),
  whole(
    'a script with requires',
    'db.js',
    "#!/usr/bin/env node\n'use strict'\nconst { Pool } = require('pg')\nconst other = require('./other')\nmodule.exports = new Pool()\n",
    "#!/usr/bin/env node\n'use strict'\nconst { Pool } = require('pg')\nconst other = require('./other')\nconst { crossfade } = require('pg-crossfade/pg')\nmodule.exports = crossfade(new Pool())\n",
  ),
  whole(
    'a require within an expression, under a license',
    'db.cjs',
    "/**\n * @license MIT\n */\n\n// The pool.\nmodule.exports = new (require('pg').Pool)()",
    "/**\n * @license MIT\n */\n\nconst { crossfade } = require('pg-crossfade/pg')\n// The pool.\nmodule.exports = crossfade(new (require('pg').Pool)())",
  ),
  whole(
    'a client where the file begins',
    'db.cjs',
    "new (require('pg').Pool)().query('select 1')\n",
    "const { crossfade } = require('pg-crossfade/pg')\ncrossfade(new (require('pg').Pool)()).query('select 1')\n",
  ),
  whole(
    'an import that is made where it is needed',
    'db.mjs',
    "export async function connect() {\n  const { Pool } = await import('pg')\n  return new Pool()\n}\n",
    "import { crossfade } from 'pg-crossfade/pg'\nexport async function connect() {\n  const { Pool } = await import('pg')\n  return crossfade(new Pool())\n}\n",
  ),
  whole(
    'a library that is loaded below',
    'db.js',
    "'use strict'\nexports.connect = () => {\n  const { Pool } = pg\n  return new Pool()\n}\nconst pg = require('pg')\n",
    "'use strict'\nconst { crossfade } = require('pg-crossfade/pg')\nexports.connect = () => {\n  const { Pool } = pg\n  return crossfade(new Pool())\n}\nconst pg = require('pg')\n",
  ),
  whole(
    'a TypeScript require',
    'db.cts',
    "import pg = require('pg')\nexport = new pg.Pool()\n",
    "import pg = require('pg')\nimport { crossfade } from 'pg-crossfade/pg'\nexport = crossfade(new pg.Pool())\n",
  ),
  whole(
    'both kinds in one file, where the name is taken',
    'both.ts',
    "import { createClient } from '@supabase/supabase-js'\nimport { Pool } from 'pg'\nconst crossfade = 1\nexport const a = [createClient(url, key), new Pool()]\n",
    "import { createClient } from '@supabase/supabase-js'\nimport { Pool } from 'pg'\nimport { crossfade as crossfadeFetch } from 'pg-crossfade/supabase'\nimport { crossfade as crossfadePool } from 'pg-crossfade/pg'\nconst crossfade = 1\nexport const a = [createClient(url, key, { global: { fetch: crossfadeFetch({ url, key }) } }), crossfadePool(new Pool())]\n",
  ),
  whole(
    'code behind the import on its line',
    'db.ts',
    "import { Pool } from 'pg'; const a = new Pool() /* the\n only one */\n",
    "import { Pool } from 'pg';\nimport { crossfade } from 'pg-crossfade/pg'; const a = crossfade(new Pool()) /* the\n only one */\n",
  ),
]

/** What is left to a person, with the line and the reason. */
export const UNSURE: readonly (readonly [name: string, text: string, told: readonly (readonly [number, RegExp])[]])[] =
  [
    ['options that are handed in', `${JS}const a = (o) => createClient(url, key, o)`, [[2, /handed in as o/]]],
    ['a spread that may have global', `${JS}createClient(url, key, { ...base })`, [[2, /spread into its options may/]]],
    [
      'global before a spread',
      `${JS}createClient(url, key, { global: {}, ...base })`,
      [[2, /spread into its options/]],
    ],
    ['a global from elsewhere', `${JS}createClient(url, key, { global })`, [[2, /its global is not an object/]]],
    ['fetch before a spread', `${JS}createClient(url, key, { global: { fetch, ...g } })`, [[2, /into its global may/]]],
    ['fetch as a method', `${JS}createClient(url, key, { global: { fetch() {} } })`, [[2, /its fetch is a method/]]],
    ['arguments that are spread', `${JS}createClient(...args)`, [[2, /not a URL, a key and options/]]],
    ['a key that is made', `${JS}createClient(url, await readKey())`, [[2, /its key is await readKey\(\)/]]],
    [
      'a setting by a name that is made',
      `${JS}createClient(url, getEnv(next()))`,
      [[2, /its key is getEnv\(next\(\)\)/]],
    ],
    [
      'line breaks that nobody writes',
      "import { Pool } from 'pg'\rconst p = new Pool()",
      [[1, /could not be taken back/]],
    ],
    ['options of a function', `${JS}createClient(url, key, makeOptions())`, [[2, /neither an object/]]],
    [
      'options in a variable that is changed',
      `${JS}const o = { auth: {} }\no.global = {}\ncreateClient(url, key, o)`,
      [[4, /o is changed after/]],
    ],
    ['options in a variable with global', `${JS}const o = { global: {} }\ncreateClient(url, key, o)`, [[3, /line 2/]]],
    [
      'a name that means two things',
      `${JS}const f = (createClient) => createClient(url, key)`,
      [[2, /something else/]],
    ],
    [
      'a function that is handed on',
      `${JS}provide(createClient)\nexport { createClient }`,
      [
        [2, /on/],
        [3, /on/],
      ],
    ],
    [
      'a function that is exported',
      "export { createClient } from '@supabase/supabase-js'",
      [[1, /exported from here/]],
    ],
    ['a pool as a base class', "import { Pool } from 'pg'\nclass Mine extends Pool {}", [[2, /made of Pool/]]],
    [
      'a client of postgrest-js',
      "import { PostgrestClient } from '@supabase/supabase-js'\nnew PostgrestClient(u)",
      [[2, /Post/]],
    ],
    ['no code at all', "import { Pool } from 'pg'\nconst = new Pool(", [[1, /can't be parsed: line 2/]]],
  ]

/** Files in which there is nothing to do. */
export const UNTOUCHED: readonly (readonly [name: string, text: string])[] = [
  [
    'types alone',
    "import type { Pool } from 'pg'\nimport { type SupabaseClient } from '@supabase/supabase-js'\nlet a: Pool",
  ],
  [
    'a function that only its type is taken for',
    "import type { createClient } from '@supabase/supabase-js'\nconst f = (createClient) => createClient(a, b)",
  ],
  ['a Client of pg', "import { Client } from 'pg'\nnew Client()"],
  ['a createClient of another library', "import { createClient } from 'redis'\ncreateClient(url, key)"],
  ['typeof', `${JS}let a: ReturnType<typeof createClient>`],
  ['instanceof', "import { Pool } from 'pg'\nif (a instanceof Pool) b()"],
  [
    'a client by hand',
    `${OWN}${JS}const fetch = crossfade({ url, key })\ncreateClient(url, key, { global: { fetch } })`,
  ],
  [
    'a pool by hand',
    "import pg from 'pg'\nimport { crossfade } from 'pg-crossfade/pg'\nconst p = new pg.Pool()\ncrossfade(p)",
  ],
]
