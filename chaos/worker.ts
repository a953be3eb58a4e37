import { setTimeout as sleep } from 'node:timers/promises'
import { FAULT, type Running, startTool } from './tool.ts'

/** `crossfade worker` as a service: it is started again whenever it ends. */
export class Worker {
  /** What it said where it had no words for its end. */
  readonly faults: string[] = []
  readonly #start: () => Running
  #running: Running | null = null
  #wanted = false

  constructor(databaseUrl: string, outDirectory: string) {
    this.#start = () => startTool(databaseUrl, outDirectory, ['worker'])
  }

  get isRunning(): boolean {
    return this.#wanted
  }

  start(): void {
    if (this.#wanted) return
    this.#wanted = true
    void this.#loop()
  }

  kill(): void {
    this.#running?.child.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    this.#wanted = false
    const running = this.#running
    running?.child.kill('SIGTERM')
    await running?.ended
  }

  async #loop(): Promise<void> {
    while (this.#wanted) {
      this.#running = this.#start()
      const { said } = await this.#running.ended
      this.#running = null
      if (said.includes(FAULT)) this.faults.push(`worker: ${said}`)
      await sleep(50)
    }
  }
}
