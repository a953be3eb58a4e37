import { readPackages } from '../../builders/packages.ts'
import { loadSqlParser } from '../../sql/parser.ts'
import type { ImportedFrom, Site, StyleDefinition, StyleModel } from '../../style.ts'
import { atomsOf, type ClassValue, type LibraryValue, text, type Value } from '../../value.ts'
import { calledModel, callModel, callRow } from './calls.ts'
import { callClient, makeClient, sqlOfTemplate } from './client.ts'
import { createFacts, nearestClient } from './facts.ts'
import { createRun, modelOfClass, refOf, type SequelizeRun } from './models.ts'
import { callQueryInterface } from './query-interface.ts'
import { createFinder } from './relations.ts'
import { suspectSequelize } from './suspects.ts'
import { tellModel } from './tell-models.ts'
import { tellRow } from './tell-rows.ts'
import { makeTerm, OPERATOR } from './terms.ts'
import { type ClientOf, classOf, type RowOf, type SequelizeOf, sequelize } from './values.ts'

/**
 * Sequelize, also with decorators (sequelize-typescript, version 7). What a model is stands in many places, and often
 * behind the calls that use it, so calls are kept and told when the program has been walked.
 */
export const sequelizeStyle: StyleDefinition = {
  name: 'sequelize',
  modules: /sequelize|umzug/,
  words: `define init findAll findOne findAndCountAll findByPk findOrCreate findOrBuild findCreateFind create bulkCreate
    update upsert destroy restore truncate increment decrement count max min sum save reload query transaction scope
    unscoped hasMany hasOne belongsTo belongsToMany createTable dropTable addColumn removeColumn changeColumn renameColumn
    renameTable addIndex addConstraint bulkInsert bulkUpdate bulkDelete addModels model $get $set $add $remove $create
    $count $has`.split(/\s+/),
  create: async (project) => {
    await loadSqlParser()
    const packages = await readPackages(project)
    const run = createRun(packages.mayReachPostgres)
    return createModel(
      run,
      (file) => FOLDERS.test(file) && packages.has(file, /^(sequelize(-cli|-typescript)?|@sequelize\/core|umzug)$/),
    )
  },
}

const FOLDERS = /(^|\/)[\w.-]*(migrations?|seeds?|seeders?)[\w.-]*\//i

function createModel(run: SequelizeRun, isMigration: (file: string) => boolean): StyleModel {
  return {
    name: 'sequelize',
    imported,
    typed: (from, name, args) => typed(run, from, name, args),
    member: (receiver, name, site) => member(run, receiver, name, site),
    call: (receiver, method, args, site) => call(run, receiver, method, args, site),
    construct: (receiver, args, site) => construct(run, receiver, args, site),
    made: (base, instance, args) =>
      isExport(base, 'Model')
        ? sequelize({
            is: 'row',
            ref: refOf(modelOfClass(run, instance.of)),
            fresh: { values: args[0] ?? null },
            self: instance,
          })
        : undefined,
    tag: (receiver, { parts, holes }) =>
      isExport(receiver, 'sql') ? sequelize({ is: 'sql', text: sqlOfTemplate(parts, holes) }) : undefined,
    starts: (file) => {
      if (!isMigration(file)) return undefined
      const client = nearestClient([...run.clients.values()], file) ?? typedClient(run, file)
      const args = [sequelize({ is: 'query interface', client }), EXPORTS]
      return { up: args, down: args }
    },
    suspect: suspectSequelize,
    settle: () => settle(run),
  }
}

const EXPORTS = sequelize({ is: 'export', name: 'Sequelize' })
const PACKAGES = /^(sequelize|sequelize-typescript|@sequelize\/[\w-]+)(\/|$)/

function imported({ specifier }: ImportedFrom, name: string): Value | undefined {
  if (!PACKAGES.test(specifier)) return undefined
  if (name === 'Op') return operators()
  return sequelize({ is: 'export', name: name === 'default' ? 'Sequelize' : name })
}

/** Computed names of conditions are texts of their own. */
function operators(): Value {
  return { kind: 'object', complete: false, names: () => [], get: (name) => text(`${OPERATOR}${name}`) }
}

function typedClient(run: SequelizeRun, file: string): ClientOf {
  return { is: 'client', file, postgres: run.mayReach(file), options: null }
}

function typed(
  run: SequelizeRun,
  { specifier, importer }: ImportedFrom,
  name: string,
  [, target]: readonly Value[],
): Value | undefined {
  if (!PACKAGES.test(specifier)) return undefined
  if (ASSOCIATIONS.has(name)) return sequelize({ is: 'association', alias: null, target: target ?? null })
  if (name === 'Sequelize' || name === 'default') return sequelize(typedClient(run, importer))
  if (name === 'Transaction') return sequelize({ is: 'transaction', place: null })
  return name === 'QueryInterface'
    ? sequelize({ is: 'query interface', client: typedClient(run, importer) })
    : undefined
}

const ASSOCIATIONS = new Set(['Association', 'HasMany', 'HasOne', 'BelongsTo', 'BelongsToMany'])

function isExport(receiver: LibraryValue, name: string): boolean {
  const of = receiver.of as SequelizeOf
  return of.is === 'export' && of.name === name
}

function member(run: SequelizeRun, receiver: LibraryValue, name: string, site: Site): Value | undefined {
  const of = receiver.of as SequelizeOf
  switch (of.is) {
    case 'export':
      if (classOf(site.self) && of.name === 'Model') return modelMember(run, site.self, name)
      if (of.name === 'DataTypes' || of.name === 'DataType') return sequelize({ is: 'type' })
      if (name === 'Op') return operators()
      return of.name === 'Sequelize' && /^[A-Z]/.test(name) ? sequelize({ is: 'export', name }) : undefined
    case 'type':
      return receiver
    case 'client':
      if (name === 'models') return sequelize({ is: 'models' })
      if (name === 'Sequelize' || name === 'constructor') return EXPORTS
      return name === 'queryInterface' ? sequelize({ is: 'query interface', client: of }) : undefined
    case 'models':
      return sequelize({ is: 'model', ref: { by: 'name', name, file: site.place.file } })
    case 'model':
      if (name === 'name' && of.ref.by === 'key') return text(run.models.get(of.ref.key)?.name ?? '')
      if (name === 'sequelize') return sequelize(typedClient(run, site.place.file))
      return name === 'associations' ? sequelize({ is: 'associations', ref: of.ref }) : undefined
    case 'associations':
      return sequelize({ is: 'association', alias: name, target: null })
    case 'query interface':
      if (name === 'context') return receiver
      return name === 'sequelize' ? sequelize(of.client) : undefined
    case 'row':
      return rowMember(of, name, site)
    default:
      return undefined
  }
}

function modelMember(run: SequelizeRun, self: Value, name: string): Value | undefined {
  const of = classOf(self)
  if (!of) return undefined
  if (name === 'sequelize') return sequelize(typedClient(run, of.place.file))
  return name === 'associations' ? sequelize({ is: 'associations', ref: refOf(modelOfClass(run, of)) }) : undefined
}

/** What the class of the row has of its own; the rows of an association. */
function rowMember({ self, ref }: RowOf, name: string, site: Site): Value | undefined {
  if (self) {
    const own = site.member(self, name)
    return own.kind === 'method' ? undefined : own
  }
  if (name === 'sequelize' || METHOD.test(name)) return undefined
  return sequelize({ is: 'row', ref: { by: 'alias', of: ref, alias: name }, fresh: null, self: null })
}

const METHOD =
  /^(\$?(get|set|add|remove|create|count|has)([A-Z].*)?|save|update|destroy|restore|reload|increment|decrement|to[A-Z].*|changed|validate|previous|equals|is[A-Z].*|then|catch|finally|map|forEach|filter|find|length|reduce|some|every|includes|slice|sort)$/

function call(
  run: SequelizeRun,
  receiver: LibraryValue,
  method: string | null,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const of = receiver.of as SequelizeOf
  if (of.is === 'export') return callExport(run, receiver, of.name, method, args, site)
  if (of.is === 'type' || of.is === 'decorator') return receiver
  if (method === null) return undefined
  switch (of.is) {
    case 'client':
      return callClient(run, of, method, args, site)
    case 'model':
    case 'scoped': {
      const called = calledModel(run, receiver, receiver)
      return called ? callModel(run, called, method, args, site) : undefined
    }
    case 'row':
      return callRow(run, of, method, args, site)
    case 'query interface':
      if (of.client.postgres) callQueryInterface(method, args, site)
      return undefined
    default:
      return undefined
  }
}

/** A function that the package exports, a decorator, or a method that a class has from `Model` or `Sequelize`. */
function callExport(
  run: SequelizeRun,
  receiver: LibraryValue,
  name: string,
  method: string | null,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  if (method === null) return makeTerm(name, args) ?? sequelize({ is: 'decorator', name, args, site })
  if (name === 'Sequelize' && site.self.kind !== 'instance') return makeTerm(method, args)
  if (name === 'Sequelize') return callClient(run, typedClient(run, site.place.file), method, args, site)
  if (name === 'sql') return makeTerm(method, args)
  if (name !== 'Model') return undefined
  if (site.self.kind === 'instance') {
    const ref = refOf(modelOfClass(run, site.self.of))
    return callRow(run, { is: 'row', ref, fresh: null, self: site.self }, method, args, site)
  }
  const called = calledModel(run, receiver, site.self)
  return called ? callModel(run, called, method, args, site) : undefined
}

function construct(run: SequelizeRun, receiver: LibraryValue, args: readonly Value[], site: Site): Value | undefined {
  const of = receiver.of as SequelizeOf
  if (of.is === 'type') return receiver
  if (of.is !== 'export') return undefined
  if (of.name === 'Sequelize') return makeClient(run, args, site)
  return receiver
}

/** When a walk is over: all models are known, and the calls are told. */
function settle(run: SequelizeRun): boolean {
  const factsOf = createFacts(run)
  const finder = createFinder(run, factsOf)
  for (const call of run.pending) {
    const model = finder.model(call.ref)
    if (!model) {
      if (call.ref.by === 'name') call.site.unresolved(null, `the model "${call.ref.name}" is not known`)
      continue
    }
    const facts = factsOf(model)
    if (facts.isAbstract) {
      if (!isExtended(run, model.of)) call.site.unresolved(null, `what table ${facts.name} stands for is not known`)
      continue
    }
    if (call.on === 'model') tellModel(finder, facts, call)
    else tellRow(finder, facts, call)
  }
  run.pending.length = 0
  return true
}

function isExtended(run: SequelizeRun, of: ClassValue | null): boolean {
  return [...run.models.values()].some((model) => {
    const base = model.of?.base()
    return base ? atomsOf(base).some((atom) => atom === of) : false
  })
}
