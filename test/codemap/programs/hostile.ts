import type { Program } from '../program.ts'
import { makeProgram } from './synthetic.ts'

/** Names that a database and a file system allow, and that mean something to Mermaid, Markdown, HTML, XML or a terminal. */
export const HOSTILE_NAMES = [
  'end',
  'subgraph x',
  'say "hi"',
  "it's",
  'a]b[c',
  '(a){b}|c|',
  '<script>alert(1)</script>',
  '&lt;b&gt; & co',
  '#quot;',
  'issue #12',
  '`tick` ``two``',
  '```',
  '%%{init: {"theme":"dark"}}%%',
  '%% comment',
  '$$x^2$$',
  'fa:fa-car',
  '*bold* _em_ ~~gone~~',
  '_private_',
  '1. list',
  '- item',
  '[link](http://example.org)',
  '@someone',
  ':tada:',
  'a-->b',
  'a;b',
  'graph TD',
  'click n1 href "x"',
  'style n1 fill:red',
  'línea\nneu',
  'tab\there',
  '日本語の表',
  'שלום',
  '\u202egnp.exe',
  '\u0000nul',
  '\u001b[31mred',
  '🙂 smile',
  'e\u0301clair',
  ' ',
  'constructor',
  '__proto__',
  'x'.repeat(300),
]

/** Tables, files and functions of all these names. */
export function makeHostileProgram(): Program {
  const { interactions, graph } = makeProgram({ tables: HOSTILE_NAMES.length, modules: 12, interactions: 400 })
  const names = new Map(
    [...new Set(interactions.map((one) => one.table))].map((table, index) => [table, HOSTILE_NAMES[index] ?? table]),
  )
  const files = new Map(
    graph.files.map((file, index) => [file, `src/${(HOSTILE_NAMES[index * 3] ?? '').replaceAll('/', '')}/${index}.ts`]),
  )
  const fileOf = (file: string) => files.get(file) ?? file
  const idOf = (id: string) => `${fileOf(id.slice(0, id.indexOf('#')))}${id.slice(id.indexOf('#'))}`
  return {
    unresolved: [],
    interactions: interactions.map((one) => ({
      ...one,
      file: fileOf(one.file),
      table: names.get(one.table) ?? one.table,
    })),
    graph: {
      ...graph,
      files: graph.files.map(fileOf),
      imports: graph.imports.map(([from, to]) => [fileOf(from), fileOf(to)]),
      calls: graph.calls.map(([from, to]) => [idOf(from), idOf(to)]),
      entries: graph.entries.map(fileOf),
      loops: graph.loops.map((loop) => ({
        ...loop,
        file: fileOf(loop.file),
        job: idOf(loop.job),
        runs: loop.runs.map(idOf),
      })),
    },
  }
}
