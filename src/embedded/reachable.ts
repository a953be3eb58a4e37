import { chownSync, mkdtempSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from '../lib/errors.ts'
import type { ServerUser } from './platform.ts'

/** Whether the user may read the file, or enter the folder, and enter each folder above it. */
export function isReachable(path: string, user: ServerUser): boolean {
  const real = realpathSync(path)
  const permission = statSync(real).isDirectory() ? 'enter' : 'read'
  return isPermitted(real, user, permission) && findClosedFolder(dirname(real), user) === undefined
}

/** The first folder on the way to `path`, itself included, that the user may not enter. Missing ones don't count. */
export function findClosedFolder(path: string, user: ServerUser): string | undefined {
  const parent = dirname(path)
  const above = parent === path ? undefined : findClosedFolder(parent, user)
  return above ?? (isPermitted(path, user, 'enter') ? undefined : path)
}

/** By the mode bits alone; access lists aren't looked at. */
function isPermitted(path: string, user: ServerUser, permission: 'read' | 'enter'): boolean {
  const status = statSync(path, { throwIfNoEntry: false })
  if (status === undefined) return true
  const { mode, uid, gid } = status
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0
  return ((mode >> shift) & (permission === 'read' ? 4 : 1)) !== 0
}

/** A fresh temporary folder that belongs to the server's user. Throws UsageError if that user couldn't enter it. */
export function createTemporaryFolder(user: ServerUser | undefined): string {
  const wished = realpathSync(tmpdir())
  if (user === undefined) return mkdtempSync(join(wished, 'pg-crossfade-'))
  // Root's own TMPDIR may lie under a closed home, while the system's temporary folder is open to all.
  const parent = [wished, '/tmp', '/var/tmp'].find((folder) => isOpenFolder(folder, user))
  if (parent === undefined) {
    throw new UsageError('embedded_unreachable', `user ${user.name} may not enter the temporary folder ${wished}`, {
      hint: 'Postgres refuses to run as root. Set TMPDIR to a folder that this user may enter, or start as another user.',
    })
  }
  const folder = mkdtempSync(join(parent, 'pg-crossfade-'))
  chownSync(folder, user.uid, user.gid)
  return folder
}

function isOpenFolder(folder: string, user: ServerUser): boolean {
  try {
    return isReachable(folder, user)
  } catch {
    return false
  }
}
