export interface ShadowQueueOptions<Job> {
  readonly longest: number
  readonly workers: number
  readonly run: (job: Job) => Promise<void>
}

/** Jobs off the path of every request: so many wait, so many run, and what comes when it is full is shed. */
export class ShadowQueue<Job> {
  #options: ShadowQueueOptions<Job>
  #waiting: Job[] = []
  /** Jobs that begin later; they have their place already. */
  #later = new Set<ReturnType<typeof setTimeout>>()
  #running = new Set<Promise<void>>()
  #closed = false

  constructor(options: ShadowQueueOptions<Job>) {
    this.#options = options
  }

  /** False: shed. Never throws, never waits. */
  offer(job: Job): boolean {
    if (!this.#hasRoom()) return false
    this.#waiting.push(job)
    this.#start()
    return true
  }

  offerLater(job: Job, ms: number): boolean {
    if (!this.#hasRoom()) return false
    const timer = setTimeout(() => {
      this.#later.delete(timer)
      this.#waiting.push(job)
      this.#start()
    }, ms)
    ;(timer as { unref?(): void }).unref?.()
    this.#later.add(timer)
    return true
  }

  /** Resolves when nothing runs any more. What waits is dropped. */
  async close(): Promise<void> {
    this.#closed = true
    this.#waiting.length = 0
    for (const timer of this.#later) clearTimeout(timer)
    this.#later.clear()
    await Promise.all(this.#running)
  }

  #hasRoom(): boolean {
    return !this.#closed && this.#waiting.length + this.#later.size < this.#options.longest
  }

  #start(): void {
    while (!this.#closed && this.#running.size < this.#options.workers) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      const running = this.#options.run(job).finally(() => {
        this.#running.delete(running)
        this.#start()
      })
      this.#running.add(running)
    }
  }
}
