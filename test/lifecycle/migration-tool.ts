import { appendFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { recordBuild, recordFinish } from '../../src/lifecycle/migration-files.ts'
import { rollback } from '../../src/lifecycle/rollback.ts'
import { assertRecordable } from '../../src/migrations/record-migration.ts'
import { readScripts, replay, schemaOf, start, type Tool, toFinish } from './migration-project.ts'

/** What holds for the folder of each tool. */
export function testTool({ settings, marks }: Tool): void {
  test('build and finish leave migrations that end in the same schema on an empty database', async () => {
    const started = await start(settings)
    const { query, session, project, url, folder } = started
    await assertRecordable(session, project, 'build')
    const built = await recordBuild(session, project)
    expect(built).toMatchObject({ table: marks, before: false })
    expect(await query(`select from ${marks}`)).toHaveLength(2)
    await toFinish(started)
    await assertRecordable(session, project, 'finish')
    await recordFinish(session, project)
    expect(await query(`select from ${marks}`)).toHaveLength(3)
    const fresh = await replay(await readScripts(settings, folder))
    expect(fresh.search).toBe('"$user", public')
    expect(await schemaOf(fresh.url)).toBe(await schemaOf(url))
  })

  test('finish alone leaves one migration, which makes the new tables, too', async () => {
    const started = await start(settings)
    const { query, session, project, url, folder } = started
    await toFinish(started)
    await recordFinish(session, project)
    expect(await query(`select from ${marks}`)).toHaveLength(2)
    const fresh = await replay(await readScripts(settings, folder))
    expect(await schemaOf(fresh.url)).toBe(await schemaOf(url))
  })

  test('a rollback takes the mark back and names the file', async () => {
    const started = await start(settings)
    const { query, session, project, commands } = started
    await recordBuild(session, project)
    const result = await rollback(session, null)
    expect(result.to).toBe('design')
    expect(result.unmarked).toEqual([expect.stringMatching(/crossfade_build/)])
    expect(await query(`select from ${marks}`)).toHaveLength(1)
    await expect(assertRecordable(session, project, 'build')).rejects.toMatchObject({
      code: 'migrations.pending',
      message: expect.stringMatching(/crossfade_build/),
    })
    await commands.approve('design')
  })

  test('run twice it does nothing; killed behind the file it goes on with the same file', async () => {
    const { query, session, project, folder } = await start(settings)
    await query(`create function die() returns trigger language plpgsql as $$ begin raise 'killed'; end $$;
      create trigger dies before insert on ${marks} for each row execute function die()`)
    await expect(recordBuild(session, project)).rejects.toThrow('killed')
    const left = await readScripts(settings, folder)
    await query(`drop trigger dies on ${marks}`)
    await assertRecordable(session, project, 'build')
    const built = await recordBuild(session, project)
    expect(await readScripts(settings, folder)).toEqual(left)
    const rows = await query(`select * from ${marks}`)
    expect(rows).toHaveLength(2)
    expect(await recordBuild(session, project)).toEqual({ ...built, before: true })
    expect(await query(`select * from ${marks}`)).toEqual(rows)
    expect(await query(`select from crossfade.undo where starts_with(statement, 'migration:')`)).toHaveLength(1)
  })

  test('what a person has changed in the file is not marked', async () => {
    const { query, session, project } = await start(settings)
    await query(`create function die() returns trigger language plpgsql as $$ begin raise 'killed'; end $$;
      create trigger dies before insert on ${marks} for each row execute function die()`)
    await expect(recordBuild(session, project)).rejects.toThrow('killed')
    await query(`drop trigger dies on ${marks}`)
    const { path } = await assertRecordable(session, project, 'build')
    await appendFile(path, 'select 1;')
    await expect(recordBuild(session, project)).rejects.toMatchObject({ code: 'migrations.changed', exitCode: 1 })
    expect(await query(`select from ${marks}`)).toHaveLength(1)
  })

  test('a rollback works without the table, and without the right to it', async () => {
    const { query, session, project } = await start(settings)
    await recordBuild(session, project)
    await query(`alter table ${marks} rename to gone`)
    const result = await rollback(session, null)
    expect(result).toMatchObject({ to: 'design', notes: [expect.stringMatching(/marked as applied still.*DELETE/)] })
  })
}
