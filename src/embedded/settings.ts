/** For data that may be thrown away: a crash of the machine loses the cluster, and writes are several times faster. */
export const fastSettings: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  checkpoint_timeout: '30min',
  max_wal_size: '4GB',
}

/** Arguments of the server: the loopback only, and no socket file that two servers could fight about. */
export function buildServerArguments(dataDir: string, port: number, settings: Record<string, string>): string[] {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', logging_collector: 'off', ...settings }
  const pairs = Object.entries({ ...all, port: String(port) })
  return ['-D', dataDir, ...pairs.flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}
