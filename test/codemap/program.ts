import type {
  CodeGraph,
  FunctionId,
  Loop,
  LoopKind,
  Relation,
  WrittenExpressions,
} from '../../src/codemap/code-graph.ts'
import type { Interaction, Operation, Place, Unresolved } from '../../src/codemap/interaction.ts'

/** A program as the queries see it: what reading its files would give. */
export interface Program {
  readonly interactions: readonly Interaction[]
  readonly unresolved: readonly Unresolved[]
  readonly graph: CodeGraph
}

const LOOPS: readonly string[] = ['timer', 'schedule', 'loop', 'queue', 'request', 'event']

/**
 * A program in a few lines, one fact a line:
 *
 *     entry src/main.ts
 *     import src/main.ts src/jobs/plan-job.ts
 *     call src/main.ts# src/jobs/plan-job.ts#planJob
 *     timer src/main.ts src/jobs/plan-job.ts#planJob
 *     src/jobs/plan-job.ts#planJob insert posts written:text<draft.text,status filtered:id read:* status=queued,posted
 *     table posts id,text
 *     view post_counts text,count
 *     unresolved src/jobs/plan-job.ts#planJob select the name comes from outside
 *
 * `<` gives the expression that a column is written with; `read:*` columns that the code doesn't name.
 */
export function describeProgram(text: string): Program {
  const lines = text.split('\n').map((line) => line.trim())
  const facts = lines.filter((line) => line !== '' && !line.startsWith('//')).map((line) => line.split(/\s+/))
  const interactions: Interaction[] = []
  const unresolved: Unresolved[] = []
  const imports: [string, string][] = []
  const calls: [FunctionId, FunctionId][] = []
  const entries: string[] = []
  const loops: Loop[] = []
  const written: WrittenExpressions[] = []
  const relations: Relation[] = []
  const files = new Set<string>()
  const lastLine = new Map<string, number>()

  function nextPlace(file: string): Place {
    files.add(file)
    const line = (lastLine.get(file) ?? 0) + 10
    lastLine.set(file, line)
    return { file, line, column: 5 }
  }

  for (const [first = '', second = '', third = '', ...rest] of facts) {
    if (first === 'entry') entries.push(second)
    else if (first === 'file') files.add(second)
    else if (first === 'table' || first === 'view') {
      const columns = third === '' ? [] : third.split(',')
      relations.push({ schema: null, name: second, isView: first === 'view', gone: rest.includes('gone'), columns })
    } else if (first === 'import') imports.push([second, third])
    else if (first === 'call') calls.push([second, third])
    else if (first === 'unresolved') {
      const [file, name] = splitId(second)
      const reason = rest.join(' ')
      unresolved.push({ ...nextPlace(file), function: name, style: 'pg', operation: third as Operation, reason })
    } else if (LOOPS.includes(first))
      loops.push({ ...nextPlace(second), kind: first as LoopKind, label: null, job: third, runs: [third] })
    else {
      const [file, name] = splitId(first)
      const place = nextPlace(file)
      const [table = '', schema = null] = third.split('.').reverse()
      const made = readInteraction({ place, name, schema, table, operation: second as Operation, rest })
      interactions.push(made.interaction)
      if (Object.keys(made.expressions).length > 0) written.push({ ...place, table, columns: made.expressions })
    }
  }
  for (const file of [...entries, ...imports.flat(), ...calls.flat().map((id) => splitId(id)[0])]) files.add(file)
  return {
    interactions,
    unresolved,
    graph: { files: [...files], imports, calls, entries, loops, callbacks: [], written, relations },
  }
}

function readInteraction(fact: {
  place: Place
  name: string | null
  schema: string | null
  table: string
  operation: Operation
  rest: readonly string[]
}): { interaction: Interaction; expressions: Record<string, string> } {
  const columns = { read: [] as string[], written: [] as string[], filtered: [] as string[], ordered: [] as string[] }
  const values: Record<string, string[]> = {}
  const expressions: Record<string, string> = {}
  let known = true
  for (const word of fact.rest) {
    const [kind = '', list = ''] = word.split(':')
    if (kind === 'read' || kind === 'written' || kind === 'filtered' || kind === 'ordered') {
      for (const item of list.split(',')) {
        const [column = '', expression] = item.split('<')
        if (column === '*') known = false
        else columns[kind].push(column)
        if (expression !== undefined) expressions[column] = expression
      }
      columns[kind].sort()
    } else {
      const [column = '', literals = ''] = word.split('=')
      values[column] = literals.split(',').sort()
    }
  }
  const interaction: Interaction = {
    ...fact.place,
    function: fact.name,
    style: 'supabase',
    schema: fact.schema,
    table: fact.table,
    operation: fact.operation,
    columns: { ...columns, known },
    returning: false,
    ...(Object.keys(values).length > 0 ? { values } : {}),
  }
  return { interaction, expressions }
}

function splitId(id: string): [file: string, name: string | null] {
  const [file = '', name = ''] = id.split('#')
  return [file, name === '' ? null : name]
}
