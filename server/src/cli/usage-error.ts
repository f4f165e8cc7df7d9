/** A command line that cannot be carried out: one sentence that says what to do, and exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
