import { parseObject } from './rest-state.ts'

const REMEMBERED_TOKENS = 100
const remembered = new Map<string, string>()

/**
 * The database role that an Authorization header asks for, by the token's own word: enough to tell apart what is known
 * of each role, and nothing is allowed by it. Empty where it says none, as an opaque API key.
 */
export function roleOf(authorization: string | null): string {
  if (authorization === null) return ''
  const known = remembered.get(authorization)
  if (known !== undefined) return known
  const role = readRole(authorization)
  if (remembered.size >= REMEMBERED_TOKENS) remembered.clear()
  remembered.set(authorization, role)
  return role
}

function readRole(authorization: string): string {
  const payload = authorization.split('.')[1]
  if (payload === undefined) return ''
  try {
    const { role } = parseObject(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof role === 'string' ? role : ''
  } catch {
    return ''
  }
}
