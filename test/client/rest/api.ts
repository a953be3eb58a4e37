import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { App } from '@supabase/lite'
import { createPostgresConnection } from '@supabase/lite/postgres'

const SECRET = 'a secret for tests, of forty characters.'

/** A signed token, as Supabase's own keys are. */
export function signToken(claims: Record<string, unknown>): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ exp: 4_000_000_000, ...claims })}`
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`
}

export type Interception = (request: { url: string; profile: string | undefined }, response: ServerResponse) => boolean

export interface Api {
  readonly url: string
  /** Every request, by method, path with query, and profile. */
  readonly log: string[]
  /** Answers itself, in place of the API, where it gives true. */
  intercept: Interception | null
  expose(schemas: readonly string[]): void
  /** What `NOTIFY pgrst` does to PostgREST, and an event trigger on Supabase. */
  reload(): Promise<void>
  close(): Promise<void>
}

/** A PostgREST-compatible API over a database, on a port of its own. */
export async function startApi(databaseUrl: string, schemas: string[] = ['public', 'crossfade_compat']): Promise<Api> {
  const connection = createPostgresConnection({ url: databaseUrl })
  // Else it makes roles and grants of its own as soon as it sees row security.
  Object.assign(connection, { rlsState: 'active' })
  const serve = (exposed: readonly string[]) =>
    new App({
      connection,
      api: { enabled: true, schemas: [...exposed] },
      auth: { enabled: false, jwt_secret: SECRET },
    } as never)
  let app = serve(schemas)
  const log: string[] = []
  const server = createServer((request, response) => void answer(request, response))
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = `http://localhost:${(server.address() as AddressInfo).port}${request.url}`
    const profile = request.headers['accept-profile'] as string | undefined
    log.push(`${request.method} ${request.url} ${profile ?? request.headers['content-profile'] ?? '-'}`)
    if (api.intercept?.({ url, profile }, response)) return
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
    const body = chunks.length === 0 ? null : Buffer.concat(chunks)
    const given = await app.fetch(new Request(url, { method: request.method ?? 'GET', headers, body } as RequestInit))
    response.writeHead(given.status, Object.fromEntries(given.headers))
    response.end(Buffer.from(await given.arrayBuffer()))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const api: Api = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    log,
    intercept: null,
    expose(exposed) {
      app = serve(exposed)
    },
    reload: () => connection.clearSchemaCache(),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      // It would wait for what a request that was cut off has left open.
      await connection.driver.end({ timeout: 1 })
    },
  }
  return api
}
