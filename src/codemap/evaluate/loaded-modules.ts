import type { Module } from '../program.ts'
import { atomsOf, type TemplateValue, union, unknown, type Value } from '../value.ts'
import type { Evaluation } from './evaluation.ts'
import { folderOf, requiredValue } from './modules.ts'

/** How many files of a folder are followed. */
const MAX_FILES = 400

/**
 * What `require(path.join(__dirname, file))` gives, where `file` is any file of the folder: any of the modules there.
 * That is how programs load all of their models, routes or jobs.
 */
export function loadedValue(evaluation: Evaluation, module: Module, path: Value): Value {
  const values = atomsOf(path).flatMap((atom): Value[] => {
    if (atom.kind === 'text') return loadFile(evaluation, module, atom.text)
    return atom.kind === 'template' ? loadFolder(evaluation, module, atom) : []
  })
  return values.length > 0 ? union(values) : unknown('it is loaded from a path that is not known')
}

function loadFile(evaluation: Evaluation, module: Module, path: string): Value[] {
  const { program } = evaluation
  const specifier = /^\.{1,2}\//.test(path) ? path : relative(module, path)
  const file = program.resolve(specifier, module.file)
  const target = file === null ? null : program.module(file)
  return target ? [requiredValue(evaluation, target)] : []
}

/** From the folder of the module to a path from the root. */
function relative(module: Module, path: string): string {
  const folder = folderOf(module.file)
  const up = folder === '.' ? './' : '../'.repeat(folder.split('/').length)
  return `${up}${path}`
}

function loadFolder(evaluation: Evaluation, module: Module, { parts }: TemplateValue): Value[] {
  const [first = ''] = parts
  const last = parts.at(-1) ?? ''
  const prefix = /^\.{1,2}\//.test(first) ? normalized(`${folderOf(module.file)}/${first}`) : normalized(first)
  if (!first.includes('/')) return []
  const depth = parts.slice(1, -1).filter((part) => part.includes('/')).length
  const files = evaluation.program.files.filter((file) => {
    const bare = file.replace(/\.[cm]?[jt]sx?$/, '')
    if (!file.startsWith(prefix) || file === module.file || bare.endsWith('/index')) return false
    if (last !== '' && !file.endsWith(last) && !bare.endsWith(last)) return false
    return file.slice(prefix.length).split('/').length <= depth + 1
  })
  return files.slice(0, MAX_FILES).flatMap((file) => {
    const target = evaluation.program.module(file)
    return target ? [requiredValue(evaluation, target)] : []
  })
}

/** Without `.` and `..`; what ends with a slash still does. */
function normalized(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
