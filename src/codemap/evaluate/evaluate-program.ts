import { type AccessBook, createBook } from '../access-book.ts'
import { isTestFile } from '../file-role.ts'
import { createJavascriptModel } from '../models/javascript.ts'
import { createNodeModel } from '../models/node.ts'
import { createReactModel } from '../models/react.ts'
import type { Module, Program } from '../program.ts'
import type { LibraryModel, StyleModel } from '../style.ts'
import { atomsOf } from '../value.ts'
import { callAtom } from './calls.ts'
import type { Evaluation } from './evaluation.ts'
import { frameFor } from './frames.ts'
import { memberOf } from './members.ts'
import { assignedGlobals, exportedValue, moduleFrame } from './modules.ts'
import { runAll, runSafely } from './run.ts'
import { findTouching, type Touching, type TouchingWords } from './touching.ts'

/** Runs of functions, see `Budget`. */
const MAX_RUNS = 10_000
const RUNS_OF_FUNCTION = 2

/** How often a program is walked at most. */
const MAX_WALKS = 3

/** Walks the whole program and gives all that the styles have opened. */
export function evaluateProgram(program: Program, styles: readonly StyleModel[], about: TouchingWords): AccessBook {
  const modules = testsFirst(program.files.flatMap((file) => program.module(file) ?? []))
  const touching = findTouching(program, modules, about)
  const globals = collectGlobals(modules)
  const react = createReactModel()
  const node = createNodeModel()
  for (let walk = 1; ; walk += 1) {
    const models = new Map<string, LibraryModel>()
    const evaluation: Evaluation = {
      program,
      models,
      book: createBook(),
      touching,
      queue: [],
      runs: new Map(),
      budget: { most: MAX_RUNS + RUNS_OF_FUNCTION * countOf(touching), runs: 0, isTests: false },
      modules: new Map(),
      exported: new Map(),
      globals,
      used: new Set(),
    }
    const language = createJavascriptModel((name) => assignedGlobals(evaluation, name))
    for (const model of [language, react, node, ...styles]) models.set(model.name, model)
    makeOffers(evaluation, modules)
    for (const module of modules) evaluation.queue.push(moduleFrame(evaluation, module))
    runAll(evaluation)
    for (const module of modules) startExports(evaluation, module)
    runAll(evaluation)
    const settled = [...models.values()].map((model) => model.settle?.() ?? true)
    if (!settled.includes(false) || walk === MAX_WALKS) return evaluation.book
  }
}

/** What a component hands on is known before anybody asks for it; so the program need not be walked again. */
function makeOffers(evaluation: Evaluation, modules: readonly Module[]): void {
  const byIr = new Map(modules.map((module) => [module.ir, module]))
  for (const { ir, fn, expr } of evaluation.touching.offers) {
    const module = byIr.get(ir)
    if (module) runSafely(evaluation, frameFor(evaluation, moduleFrame(evaluation, module), fn), expr)
  }
}

/** Calls what a library calls by its conventions. */
function startExports(evaluation: Evaluation, module: Module): void {
  for (const model of evaluation.models.values()) {
    for (const [name, args] of Object.entries(model.starts?.(module.file) ?? {})) {
      const frame = moduleFrame(evaluation, module)
      const whole = exportedValue(evaluation, module, 'default')
      const value = exportedValue(evaluation, module, name) ?? (whole && memberOf(evaluation, frame, whole, name, 0))
      for (const atom of value ? atomsOf(value).filter((one) => one.kind === 'function') : [])
        callAtom(evaluation, frame, atom, args, { at: 0, self: atom, handedOn: true })
    }
  }
}

/** What is put last is run first: the program itself, before its tests use up what may be used. */
function testsFirst(modules: readonly Module[]): Module[] {
  const isTest = ({ file }: Module): boolean => isTestFile(file)
  return [...modules.filter(isTest), ...modules.filter((one) => !isTest(one))]
}

function countOf({ functions }: Touching): number {
  return [...functions.values()].reduce((sum, one) => sum + one.size, 0)
}

function collectGlobals(modules: readonly Module[]): Evaluation['globals'] {
  const globals: Evaluation['globals'] = new Map()
  for (const module of modules)
    for (const { name, value, within } of module.ir.globals)
      globals.set(name, [...(globals.get(name) ?? []), [module, value, within]])
  return globals
}
