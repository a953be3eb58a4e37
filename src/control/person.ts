import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Who sits here, as git knows them: `Name <email>`. The environment that git itself honours comes first. */
export async function readPerson(cwd: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const name = env.GIT_AUTHOR_NAME ?? (await gitConfig('user.name', cwd))
  const email = env.GIT_AUTHOR_EMAIL ?? (await gitConfig('user.email', cwd))
  if (!name && !email) return null
  return email ? `${name ?? ''} <${email}>`.trim() : (name ?? null)
}

async function gitConfig(key: string, cwd: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', key], { cwd })
    return stdout.trim() || undefined
  } catch {
    // No git, or no such setting: nobody is named.
    return undefined
  }
}
