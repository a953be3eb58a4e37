import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { buildLibpqEnvironment } from '../../src/catalog/dump-native.ts'

function environmentOf(url: string, base: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return buildLibpqEnvironment(url, new pg.Client(url), base)
}

describe('buildLibpqEnvironment', () => {
  it('takes everything from the URL, decoded', () => {
    expect(environmentOf('postgresql://us%40er:p%2Fw%25@db.example:6000/da%20ta?options=-c%20x.y%3D1')).toEqual({
      PGHOST: 'db.example',
      PGPORT: '6000',
      PGUSER: 'us@er',
      PGPASSWORD: 'p/w%',
      PGDATABASE: 'da ta',
      PGAPPNAME: 'crossfade dump',
      PGOPTIONS: '-c x.y=1',
      PGSSLMODE: 'disable',
    })
  })

  it('drops what would lead elsewhere and keeps the rest', () => {
    const base = { PGSERVICE: 'x', PGHOSTADDR: '10.0.0.1', PGPASSFILE: '/home/u/.pgpass', LANG: 'C' }
    const environment = environmentOf('postgresql://u@h/d', base)
    expect(environment).toMatchObject({ PGPASSFILE: '/home/u/.pgpass', LANG: 'C' })
    expect(environment).not.toHaveProperty('PGSERVICE')
    expect(environment).not.toHaveProperty('PGHOSTADDR')
    expect(environment).not.toHaveProperty('PGPASSWORD')
  })

  it.each([
    ['sslmode=verify-full', 'verify-full', 'system'],
    ['sslmode=require', 'verify-full', 'system'],
    ['ssl=true', 'verify-full', 'system'],
    ['sslmode=no-verify', 'require', undefined],
    ['uselibpqcompat=true&sslmode=require', 'require', undefined],
    ['sslmode=disable', 'disable', undefined],
  ])('never asks for weaker TLS than pg does: %s', (query, mode, rootCertificate) => {
    const environment = environmentOf(`postgresql://u@h/d?${query}`)
    expect([environment.PGSSLMODE, environment.PGSSLROOTCERT]).toEqual([mode, rootCertificate])
  })
})
