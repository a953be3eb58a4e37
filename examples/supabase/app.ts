import { createClient } from '@supabase/supabase-js'
import { crossfade } from 'pg-crossfade/supabase'

const url = process.env.SUPABASE_URL ?? 'http://localhost:54321'
const key = process.env.SUPABASE_ANON_KEY ?? ''

// The only line that knows of Crossfade. Without it everything works the same, and reads stay on the old tables.
const fetch = crossfade({ url, key })
const supabase = createClient(url, key, { global: { fetch } })

/** A plain read by the old name: the ramp decides which side answers. */
async function readTitles(): Promise<string[]> {
  const { data } = await supabase.from('drafts').select('title').order('title').throwOnError()
  return data.map((row) => row.title)
}

/** Comments are found by a foreign key of the old table, so this stays on the old side. */
async function readWithComments(): Promise<number> {
  const { data } = await supabase.from('drafts').select('title, comments(words)').throwOnError()
  return data.length
}

for (let i = 0; i < 25; i++) {
  await readTitles()
  await readWithComments()
  await new Promise((resolve) => setTimeout(resolve, 50))
}
console.log(JSON.stringify({ titles: await readTitles(), ...fetch.crossfade.stats() }, null, 2))
