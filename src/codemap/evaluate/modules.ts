import type { ExportIr } from '../ir.ts'
import { mayExport } from '../modules/exported-names.ts'
import type { Module } from '../program.ts'
import type { ImportedFrom } from '../style.ts'
import { library, type ObjectValue, text, union, unknown, type Value } from '../value.ts'
import { type Evaluation, type Frame, makeFrame } from './evaluation.ts'
import { NOTHING } from './expressions.ts'
import { frameFor } from './frames.ts'
import { memberOf } from './members.ts'
import { sharedValue, slotValue } from './slots.ts'

export function moduleFrame(evaluation: Evaluation, module: Module): Frame {
  const known = evaluation.modules.get(module.file)
  if (known) return known
  const made = makeFrame({ module, fn: 0, parent: null, args: null, self: null, caller: null })
  evaluation.modules.set(module.file, made)
  return made
}

/** `*` is the namespace, `*require` and `=` what `require` gives. */
export function importedValue(evaluation: Evaluation, importer: Module, from: string, name: string): Value {
  const target = targetModule(evaluation, importer, from)
  if (!target) return libraryExport(evaluation, importer, from, name)
  const made = generatedExport(evaluation, importer, from, name)
  if (made) return made
  if (name === '*') return namespaceOf(evaluation, target)
  if (name === '*require' || name === '=') return requiredValue(evaluation, target)
  return exportedValue(evaluation, target, name) ?? unknown(`${target.file} exports no "${name}"`)
}

export function targetModule(evaluation: Evaluation, importer: Module, from: string): Module | null {
  const file = evaluation.program.resolve(from, importer.file)
  return file === null ? null : evaluation.program.module(file)
}

export function importedFrom(evaluation: Evaluation, importer: Module, specifier: string): ImportedFrom {
  const { program } = evaluation
  return {
    specifier: program.package(specifier, importer.file),
    importer: importer.file,
    path: program.target(specifier, importer.file),
  }
}

/** A client that a library has written into the project is the library's, although its source is there. */
function generatedExport(evaluation: Evaluation, importer: Module, from: string, name: string): Value | undefined {
  if (name.startsWith('*') || name === '=') return undefined
  const source = importedFrom(evaluation, importer, from)
  for (const model of evaluation.models.values()) {
    const value = model.imported(source, name)
    if (value) return value
  }
  return undefined
}

function libraryExport(evaluation: Evaluation, importer: Module, specifier: string, name: string): Value {
  const from = importedFrom(evaluation, importer, specifier)
  if (name === '*' || name === '*require' || name === '=') return packageNamespace(evaluation, from)
  for (const model of evaluation.models.values()) {
    const value = model.imported(from, name)
    if (value) return value
  }
  return unknown(`it comes from ${specifier}`)
}

/** All exports of a package; called itself, it is its default export. */
export interface PackageNamespace extends ObjectValue {
  readonly whole: Value | undefined
}

function packageNamespace(evaluation: Evaluation, from: ImportedFrom): Value {
  const get = (name: string): Value | undefined => {
    for (const model of evaluation.models.values()) {
      const value = model.imported(from, name)
      if (value) return value
    }
    return undefined
  }
  const made: PackageNamespace = { kind: 'object', complete: false, names: () => [], get, whole: get('default') }
  return made
}

function namespaceOf(evaluation: Evaluation, target: Module): ObjectValue {
  return {
    kind: 'object',
    complete: true,
    names: () => exportedNames(evaluation, target, new Set()),
    get: (name) => exportedValue(evaluation, target, name),
  }
}

function exportedNames(evaluation: Evaluation, target: Module, seen: Set<Module>): string[] {
  if (seen.has(target)) return []
  seen.add(target)
  return target.ir.exports.flatMap((one) => {
    if (one.k !== 'all') return [one.name]
    const next = targetModule(evaluation, target, one.from)
    return next ? exportedNames(evaluation, next, seen).filter((name) => name !== 'default') : []
  })
}

/** What `require` of the module gives. */
export function requiredValue(evaluation: Evaluation, target: Module): Value {
  return wholeExport(evaluation, target) ?? namespaceOf(evaluation, target)
}

function wholeExport(evaluation: Evaluation, target: Module): Value | undefined {
  const { wholeExports, exports } = target.ir
  if (wholeExports.length === 0) return undefined
  const frame = moduleFrame(evaluation, target)
  const values = wholeExports.map((value) => sharedValue(evaluation, frame, value))
  const whole = union(values)
  if (exports.length === 0 || whole.kind !== 'object') return whole
  return {
    ...whole,
    get: (name) => whole.get(name) ?? ownExport(evaluation, target, name),
  }
}

/** What a module exports under a name; undefined where it doesn't. */
export function exportedValue(evaluation: Evaluation, target: Module, name: string): Value | undefined {
  const key = `${target.file}|${name}`
  const known = evaluation.exported.get(key)
  if (known) return known
  evaluation.exported.set(key, NOTHING)
  const value = ownExport(evaluation, target, name) ?? throughWhole(evaluation, target, name)
  if (value) evaluation.exported.set(key, value)
  else evaluation.exported.delete(key)
  return value
}

function throughWhole(evaluation: Evaluation, target: Module, name: string): Value | undefined {
  const whole = wholeExport(evaluation, target)
  if (!whole || name === 'default') return whole
  return memberOf(evaluation, moduleFrame(evaluation, target), whole, name, 0)
}

function ownExport(evaluation: Evaluation, target: Module, name: string): Value | undefined {
  const found = target.ir.exports
    .filter((one) => one.k !== 'all' && one.name === name)
    .flatMap((one) => exportValue(evaluation, target, one) ?? [])
  if (found.length > 0) return union(found)
  if (name === 'default') return undefined
  for (const one of target.ir.exports) {
    if (one.k !== 'all') continue
    const next = targetModule(evaluation, target, one.from)
    if (next && !mayExport(evaluation.program, next, name)) continue
    const value = next ? exportedValue(evaluation, next, name) : passedOn(evaluation, target, one.from, name)
    if (value) return value
  }
  return undefined
}

function exportValue(evaluation: Evaluation, target: Module, one: ExportIr): Value | undefined {
  const frame = moduleFrame(evaluation, target)
  switch (one.k) {
    case 'slot': {
      const slot = target.ir.slots[one.slot]
      // A name that is a type alone has no value.
      if (slot?.means && slot.defs.length === 0) return undefined
      return slotValue(evaluation, frame, one.slot)
    }
    case 'value':
      return sharedValue(evaluation, frame, one.value)
    case 'from':
      return importedValue(evaluation, target, one.from, one.imported)
    case 'all':
      return undefined
  }
}

/** `export * from 'a-package'`: only what a style knows. */
function passedOn(evaluation: Evaluation, target: Module, from: string, name: string): Value | undefined {
  const value = libraryExport(evaluation, target, from, name)
  return value.kind === 'unknown' ? undefined : value
}

/** A name that no module declares. */
/** From the root; `.` for the root itself. */
export function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.'
}

export function globalValue(evaluation: Evaluation, frame: Frame, name: string): Value {
  const sets = assignedGlobals(evaluation, name)
  if (sets.length > 0) return union(sets)
  if (name === 'exports') return namespaceOf(evaluation, frame.module)
  if (name === '__dirname') return text(folderOf(frame.module.file))
  if (name === '__filename') return text(frame.module.file)
  return library('javascript', { is: 'global', name })
}

/** What the program puts into `globalThis.name`. */
export function assignedGlobals(evaluation: Evaluation, name: string): Value[] {
  return (evaluation.globals.get(name) ?? []).map(([module, value, within]) => {
    const frame = frameFor(evaluation, moduleFrame(evaluation, module), within)
    return sharedValue(evaluation, frame, value)
  })
}
