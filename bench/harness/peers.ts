import { execFile } from 'node:child_process'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What the map is measured against. Nothing of it is installed with the project. */
const PEERS = { '@ast-grep/cli': '0.51.1', '@ast-grep/napi': '0.51.1', 'ts-morph': '28.0.0' }

/** The folder into which they are installed, in these versions, by the first run that needs them. */
export async function installPeers(say: (text: string) => void): Promise<string> {
  const versions = Object.values(PEERS).join('-')
  const folder = fileURLToPath(new URL(`../../.cache/bench-peers-${versions}/`, import.meta.url))
  const done = join(folder, 'installed')
  if (await exists(done)) return folder
  say(
    `installing ${Object.entries(PEERS)
      .map((peer) => peer.join('@'))
      .join(', ')} into ${folder}`,
  )
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: PEERS }))
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder })
  await writeFile(done, '')
  return folder
}

/** The program of ast-grep: the package's own file is put there by a script that isn't run. */
export async function findAstGrep(folder: string): Promise<string> {
  const ending = process.platform === 'win32' ? '.exe' : ''
  const abi = process.platform === 'linux' ? '-gnu' : process.platform === 'win32' ? '-msvc' : ''
  const path = join(folder, `node_modules/@ast-grep/cli-${process.platform}-${process.arch}${abi}`, `ast-grep${ending}`)
  if (!(await exists(path))) throw new Error(`there is no ast-grep for this machine: ${path}`)
  return path
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
