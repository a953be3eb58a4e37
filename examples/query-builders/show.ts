import { setTimeout as sleep } from 'node:timers/promises'

export interface Application {
  /** A plain read by the old name: the ramp decides which side answers. */
  readTitles(): Promise<string[]>
  /** In a transaction, which is always on the old names; gives what it reads there itself. */
  rename(postId: string, title: string): Promise<string | undefined>
  stats(): object
  end(): Promise<void>
}

/** Uses an application for some seconds and prints what came from where. */
export async function show(application: Application): Promise<void> {
  console.log('reading')
  const title = `Only a draft, ${new Date().toISOString()}`
  const renamed = await application.rename('00000000-0000-4000-8000-000000000002', title)
  for (let i = 0; i < 150; i++) {
    await application.readTitles()
    await sleep(20)
  }
  const titles = await application.readTitles()
  console.log(JSON.stringify({ titles, renamed: renamed === title, ...application.stats() }, null, 2))
  await application.end()
}
