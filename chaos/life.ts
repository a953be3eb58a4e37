import { setTimeout as sleep } from 'node:timers/promises'
import { readDefinitions, readLeftovers } from '../test/scenarios/definitions.ts'
import type { Random } from '../test/scenarios/random.ts'
import { Checks } from './checks.ts'
import type { Director } from './director.ts'

/** What the catalog is when nobody is killed. */
export interface Undisturbed {
  readonly finished: readonly string[]
  readonly broughtBack: readonly string[]
}

/** One migration from its beginning to finish, and back, with roundabout ways drawn by chance. */
export async function live(director: Director, random: Random, undisturbed: Undisturbed | null): Promise<Undisturbed> {
  const { fleet, worker, victims } = director.scene
  const checks = new Checks(director)
  const before = await readCatalog(director, ['public'])
  const down = (chance: number): boolean => undisturbed !== null && random.chance(chance)
  await fleet.start()
  await director.command('check')
  await director.command('approve', 'design')
  for (;;) {
    await director.command('build')
    await director.approve('build')
    if (down(0.2)) {
      await backToDesign()
      continue
    }
    await director.command('sync')
    worker.start()
    await director.approve('sync')
    await director.command('verify')
    await checks.compare('sync')
    if (down(0.2)) {
      await backToDesign()
      continue
    }
    await director.quietly((commands) => commands.acceptJournal())
    await director.approve('verify')
    await director.command('reads', '1', '--dwell', '0')
    for (const step of [10, 25]) await director.quietly((commands) => commands.reads(step))
    await director.command('reads', '50', '--dwell', '0')
    if (down(0.25)) {
      await director.command('rollback', '--to', 'sync')
      await director.command('reads', '50', '--dwell', '0')
    }
    await director.command('reads', '100', '--dwell', '0')
    await director.approve('reads')
    await director.command('move')
    await fleet.setMode('both')
    await sleep(WRITES_MS)
    await checks.compare('move')
    if (down(0.3)) {
      // Code that has moved should be taken back first; it isn't always.
      if (random.chance(0.5)) await fleet.setMode('old')
      await director.command('rollback', '--to', 'reads')
      await fleet.setMode('old')
      checks.allowRefused()
      await checks.compare('reads')
      if (random.chance(0.5)) {
        await backToDesign()
        continue
      }
      await director.command('move')
      await fleet.setMode('both')
      await sleep(WRITES_MS)
    }
    break
  }
  await director.approve('move')
  await fleet.setMode('native')
  await director.approve('finish')
  await director.command('finish', '--i-have-a-backup', '--quiet-days', '0', '--rehearsal-seconds', '0.5')
  await checks.compare('finish')
  const archive = await readArchive(director)
  const finished = await readCatalog(director, ['public', archive])
  if (undisturbed) checks.assertSame('after finish', finished, undisturbed.finished)
  await fleet.setMode('paused')
  await director.command('rollback')
  const broughtBack = await readCatalog(director, ['public'])
  if (undisturbed) checks.assertSame('after the rollback from finish', broughtBack, undisturbed.broughtBack)
  await checks.noteMet()
  return { finished, broughtBack }

  async function backToDesign(): Promise<void> {
    await fleet.setMode('old')
    await director.command('rollback', '--to', 'design')
    await worker.stop()
    const left = await victims.ask((client) => readLeftovers(client))
    checks.assertSame('left over after the rollback to design', left, [])
    checks.assertSame('after the rollback to design', await readCatalog(director, ['public']), before)
    await checks.compare('design')
  }
}

const WRITES_MS = 400

async function readCatalog(director: Director, schemas: readonly string[]): Promise<string[]> {
  return await director.scene.victims.ask(async (client) => {
    const lines: string[] = []
    for (const schema of schemas) lines.push(...(await readDefinitions(client, schema)))
    return lines
  })
}

async function readArchive(director: Director): Promise<string> {
  return await director.scene.victims.ask(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      /* sql */ `select nspname as name from pg_namespace where nspname like 'archived_schema_%' order by 1 desc limit 1`,
    )
    return rows[0]?.name ?? 'none'
  })
}
