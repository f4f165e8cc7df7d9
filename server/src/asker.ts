/** Who asks for a change of a document. */
export interface Asker {
  /** Their subject; `null` where nobody is asked who they are. */
  readonly by: string | null
  /** Asked once more in the turn in which it is written: what took the right away meanwhile was answered for good. */
  readonly stillMay: () => boolean
}
