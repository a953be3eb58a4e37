import { type AccessBook, createBook } from '../access-book.ts'
import { createJavascriptModel } from '../models/javascript.ts'
import type { Module, Program } from '../program.ts'
import type { LibraryModel, StyleModel } from '../style.ts'
import type { Evaluation } from './evaluation.ts'
import { assignedGlobals, moduleFrame } from './modules.ts'
import { runAll } from './run.ts'
import { findTouching } from './touching.ts'

/** Walks the whole program and gives all that the styles have opened. */
export function evaluateProgram(program: Program, styles: readonly StyleModel[], words: readonly string[]): AccessBook {
  const modules = program.files.flatMap((file) => program.module(file) ?? [])
  const globals = new Map<string, [Module, number, number][]>()
  for (const module of modules)
    for (const { name, value, within } of module.ir.globals)
      globals.set(name, [...(globals.get(name) ?? []), [module, value, within]])
  const evaluation: Evaluation = {
    program,
    models: new Map<string, LibraryModel>(),
    book: createBook(),
    touching: findTouching(modules, words),
    queue: [],
    modules: new Map(),
    exported: new Map(),
    globals,
  }
  const models = evaluation.models as Map<string, LibraryModel>
  models.set(
    'javascript',
    createJavascriptModel((name) => assignedGlobals(evaluation, name)),
  )
  for (const style of styles) models.set(style.name, style)
  for (const module of modules) evaluation.queue.push(moduleFrame(evaluation, module))
  runAll(evaluation)
  return evaluation.book
}
