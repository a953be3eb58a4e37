import type { Expr, FileIr } from '../ir.ts'
import type { Module } from '../program.ts'

/** A function, variable, class, member name, export or module, as something that may be called. */
export type Node = number

/** What is found of the calls of a program. */
export interface CallFlow {
  /** Functions that call what may lead there, and those around them. */
  readonly functions: ReadonlyMap<FileIr, ReadonlySet<number>>
  /** Variables that hold such a function. */
  readonly slots: ReadonlyMap<FileIr, ReadonlySet<number>>
  /** Members under which such a function is kept. */
  readonly names: ReadonlySet<string>
  /** Members under which any function of the program is kept. */
  readonly own: ReadonlySet<string>
  /** Calls that hand something on to whoever asks for it later, with the functions in which they stand. */
  readonly offers: readonly Offer[]
}

export interface Offer {
  readonly ir: FileIr
  readonly fn: number
  readonly expr: Expr
}

/** What leads where in a program. Of each thing there are two nodes: it, and what a call of it gives. */
export interface FlowGraph {
  function(ir: FileIr, number: number): Node
  slot(ir: FileIr, number: number): Node
  class(ir: FileIr, number: number): Node
  export(ir: FileIr, name: string): Node
  /** The module as a whole, as `require` gives it. */
  whole(ir: FileIr): Node
  /** A member of that name, of whatever it is, in all files that have to do with this one. */
  member(ir: FileIr, name: string): Node
  /** What a call of it gives. */
  given(node: Node): Node
  /** Where the first leads, the second does. */
  lead(from: Node, to: Node): void
  /** The second is the first, under another name; what a call of the first gives, a call of the second does. */
  link(from: Node, to: Node): void
  /** A function is kept under this name. */
  keep(ir: FileIr, name: string, from: Node): void
  /** The function calls it. */
  call(callee: Node, by: Node): void
  /** It holds a client of a library: if that is called itself, the function that does leads there. */
  holdClient(node: Node): void
  start(node: Node): void
  /** The call is made before all others, and the function around it is run. */
  offer(offer: Offer): void
  /** This function is run, while nobody who calls it need be. */
  run(ir: FileIr, number: number): void
  /** A call of this variable may lead there, while what else is done with it doesn't. */
  mark(ir: FileIr, slot: number): void
  reached(): CallFlow
}

interface Bases {
  readonly functions: Node
  readonly slots: Node
  readonly classes: Node
  readonly whole: Node
}

/** `programOf` gives the same number for files that are connected by imports. */
export function createFlowGraph(modules: readonly Module[], programOf: (file: string) => number): FlowGraph {
  const numbers = new Map(modules.map(({ file, ir }) => [ir, programOf(file)]))
  let size = 0
  const take = (count: number): Node => {
    const at = size
    size += count * 2
    return at
  }
  const bases = new Map<FileIr, Bases>()
  for (const { ir } of modules)
    bases.set(ir, {
      functions: take(ir.functions.length),
      slots: take(ir.slots.length),
      classes: take(ir.classes.length),
      whole: take(1),
    })
  const baseOf = (ir: FileIr): Bases => bases.get(ir) as Bases
  const named = (): ((key: string) => Node) & { readonly all: ReadonlyMap<string, Node> } => {
    const all = new Map<string, Node>()
    const find = (key: string): Node => {
      const known = all.get(key)
      if (known !== undefined) return known
      const made = take(1)
      all.set(key, made)
      return made
    }
    return Object.assign(find, { all })
  }
  const member = named()
  const exported = named()
  const edges: Node[][] = []
  const calls = new Map<Node, Node[]>()
  const clients: Node[] = []
  const starts: Node[] = []
  const alone: [FileIr, number][] = []
  const marked: [FileIr, number][] = []
  const offers: Offer[] = []
  const kept = new Set<string>()

  function lead(from: Node, to: Node): void {
    const known = edges[from]
    if (known) known.push(to)
    else edges[from] = [to]
  }

  function link(from: Node, to: Node): void {
    lead(from, to)
    lead(from + 1, to + 1)
  }

  function spread(from: readonly Node[]): Set<Node> {
    const seen = new Set(from)
    for (const node of seen) for (const next of edges[node] ?? []) seen.add(next)
    return seen
  }

  function reached(): CallFlow {
    for (const node of spread(clients)) starts.push(...(calls.get(node) ?? []))
    for (const [callee, functions] of calls) for (const by of functions) lead(callee, by)
    const seen = spread(starts)
    const seenOf = (base: Node, count: number): Set<number> =>
      new Set(Array.from({ length: count }, (_, number) => number).filter((number) => seen.has(base + number * 2)))
    const functions = new Map(modules.map(({ ir }) => [ir, seenOf(baseOf(ir).functions, ir.functions.length)]))
    const slots = new Map(modules.map(({ ir }) => [ir, seenOf(baseOf(ir).slots, ir.slots.length)]))
    for (const [ir, number] of alone)
      for (let at = number; at >= 0; at = ir.functions[at]?.parent ?? -1) functions.get(ir)?.add(at)
    const names = [...member.all].filter(([, node]) => seen.has(node)).map(([key]) => key.slice(key.indexOf('|') + 1))
    for (const [ir, slot] of marked) slots.get(ir)?.add(slot)
    return { functions, slots, names: new Set(names), own: kept, offers }
  }

  return {
    function: (ir, number) => baseOf(ir).functions + number * 2,
    slot: (ir, number) => baseOf(ir).slots + number * 2,
    class: (ir, number) => baseOf(ir).classes + number * 2,
    export: (ir, name) => exported(`${baseOf(ir).whole}|${name}`),
    whole: (ir) => baseOf(ir).whole,
    member: (ir, name) => member(`${numbers.get(ir)}|${name}`),
    given: (node) => node + 1,
    lead,
    link,
    keep: (ir, name, from) => {
      kept.add(name)
      link(from, member(`${numbers.get(ir)}|${name}`))
    },
    call: (callee, by) => {
      const known = calls.get(callee)
      if (known) known.push(by)
      else calls.set(callee, [by])
    },
    holdClient: (node) => {
      clients.push(node)
    },
    start: (node) => {
      starts.push(node)
    },
    run: (ir, number) => {
      alone.push([ir, number])
    },
    offer: (offer) => {
      offers.push(offer)
      alone.push([offer.ir, offer.fn])
    },
    mark: (ir, slot) => {
      marked.push([ir, slot])
    },
    reached,
  }
}
