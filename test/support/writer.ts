import type { BrowserPeople, BrowserPerson } from './browser-people.js'
import { PageLog } from './page-log.js'
import type { SeededRandom } from './random.js'
import { Typist } from './typist.js'

/** A person at a page, what they type, and what the page told them. */
export class Writer {
  readonly person: BrowserPerson
  readonly typist: Typist
  readonly log: PageLog

  private constructor(person: BrowserPerson, typist: Typist, log: PageLog) {
    this.person = person
    this.typist = typist
    this.log = log
  }

  /** Opens an empty document as a new person, whose tokens read `<name.number>`. */
  static async at(
    people: BrowserPeople,
    address: string,
    name: string,
    random: SeededRandom,
  ): Promise<Writer> {
    const person = await people.person()
    await person.open(address)
    const log = await PageLog.begin(person.page, name)
    return new Writer(person, new Typist(person, name, random), log)
  }
}
