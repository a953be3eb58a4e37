import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Api } from '../check/front-door.ts'
import type { Project } from '../control/project.ts'
import { parseVariables, type Variables } from '../db/url-variables.ts'
import type { Logger } from '../lib/log.ts'

const URL_ENV = 'SUPABASE_URL'
const KEY_ENV = 'SUPABASE_SERVICE_ROLE_KEY'

/**
 * The API that the configuration names, with the key from the environment, or else from the file of variables. Null where it names
 * none; and with a warning where something is missing, since nothing but trying it depends on it.
 */
export async function readApi({ config, configPath }: Project, log: Logger): Promise<Api | null> {
  const { supabase, database } = config
  if (supabase === undefined) return null
  const file = database?.file === undefined ? null : resolve(dirname(configPath), database.file)
  const inFile: Variables =
    file === null
      ? {}
      : await readFile(file, 'utf8').then(
          (text) => parseVariables(file, text, process.env),
          () => ({}),
        )
  const read = (name: string): string | undefined => process.env[name]?.trim() || inFile[name]?.trim() || undefined
  const { url = read(supabase.urlEnv ?? URL_ENV), keyEnv = KEY_ENV, urlEnv = URL_ENV } = supabase
  const key = read(keyEnv)
  if (!url || !URL.canParse(url)) {
    log.warn(`the API is not tried: ${urlEnv} is ${url ? 'no URL' : 'not set'}, and supabase.url isn't given`)
    return null
  }
  if (!key) {
    log.warn(`the API is not tried: ${keyEnv} is not set`)
    return null
  }
  return { url, key }
}
