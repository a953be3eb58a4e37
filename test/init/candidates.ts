import { readPoolerUrl } from '../../src/db/pooler-url.ts'
import type { UrlCandidate } from '../../src/init/find-urls.ts'

export const SECRET = 'Ungues5able'

export function candidate(env: string, host: string, port: number, file: string | null = '.env'): UrlCandidate {
  const url = `postgres://me:${SECRET}@${host}:${port}/d`
  return {
    env,
    file,
    url,
    target: { host, port, user: 'me', database: 'd' },
    pooler: readPoolerUrl(url),
    isLocal: false,
  }
}

/** Answers in this order; what was asked is kept. */
export function asked(...answers: string[]) {
  const questions: string[] = []
  const ask = async (question: string): Promise<string> => {
    questions.push(question)
    return answers.shift() ?? 'no answer is left'
  }
  return { ask, questions }
}
