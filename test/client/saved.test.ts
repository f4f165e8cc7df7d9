import { describe, expect, it } from 'vitest'
import { count } from '../support/count.js'
import { ForgetfulServer, type ServerFlaws } from '../support/forgetful-server.js'
import { SeededRandom } from '../support/random.js'
import { ScriptedRoom } from '../support/scripted-room.js'

const SEEDS = count('COSCRIBE_SAVED_SEEDS', 80)
const STEPS = 120

/** A person, a server that crashes, and chance. */
class World {
  readonly scripted = new ScriptedRoom()
  readonly server: ForgetfulServer
  readonly random: SeededRandom
  /** Tokens the person wrote and did not delete, and those they deleted. */
  readonly present: string[] = []
  readonly deleted: string[] = []
  /** How often the status claimed that everything was saved while something was not on disk. */
  lies = 0
  /** How often everything had been sent in this session, which is what others call synced, and was not on disk. */
  sentButNotDurable = 0
  #tokens = 0

  constructor(seed: number, flaws: ServerFlaws) {
    this.random = new SeededRandom(seed)
    this.server = new ForgetfulServer(flaws)
    this.scripted.room.on('status', () => this.check())
  }

  async step(): Promise<void> {
    const { random, server, scripted } = this
    switch (random.below(12)) {
      case 0:
      case 1:
      case 2:
        return this.#edit()
      case 3:
        return server.edit(`{${this.#tokens++}}`)
      case 4:
        return server.commit()
      case 5:
        if (random.chance(0.3)) server.crash()
        return
      case 6:
        if (random.chance(0.3)) server.cut()
        return
      case 7:
        return server.setWritable(random.chance(0.7))
      case 8:
        if (random.chance(0.2)) server.refuseNext()
        return
      case 9:
        return scripted.clock.advance(random.below(3_000))
      default:
        this.#serve(random.below(4))
    }
  }

  /** Faults stop: everything must be saved soon. */
  async heal(): Promise<void> {
    this.server.setWritable(true)
    for (let round = 0; round < 60; round++) {
      this.#serve(1_000)
      this.server.commit()
      await this.scripted.clock.advance(1_000)
    }
  }

  check(): void {
    if (this.#missing().length === 0) return
    if (this.scripted.save === 'saved') this.lies++
    if (this.scripted.save === 'saving') this.sentButNotDurable++
  }

  #missing(): string[] {
    const text = this.server.disk.getText('content').toString()
    return [
      ...this.present.filter((token) => !text.includes(token)),
      ...this.deleted.filter((token) => text.includes(token)),
    ]
  }

  #edit(): void {
    const text = this.scripted.room.text('content')
    const doomed = this.random.chance(0.3) ? this.present.shift() : undefined
    if (doomed !== undefined) {
      this.deleted.push(doomed)
      text.delete(text.toString().indexOf(doomed), doomed.length)
      return
    }
    const token = `<${this.#tokens++}${this.random.chance(0.1) ? '🦊'.repeat(700) : ''}>`
    // Known before it is written: the status is looked at while it is.
    this.present.push(token)
    text.insert(text.length, token)
  }

  #serve(messages: number): void {
    const { server, scripted } = this
    if (!server.hasSession && scripted.socket.closedWith === null) server.accept(scripted.socket)
    for (let i = 0; i < messages && server.readOne(); i++) this.check()
  }
}

async function run(seed: number, flaws: ServerFlaws = {}): Promise<World> {
  const world = new World(seed, flaws)
  for (let step = 0; step < STEPS; step++) {
    await world.step()
    await world.scripted.clock.settle()
    world.check()
  }
  await world.heal()
  return world
}

describe('saved is true', () => {
  it('[K1, K2] at no moment of any run is an edit called saved that is not on disk; and all are in the end', async () => {
    let opportunities = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = await run(seed)
      expect(world.lies, `seed ${seed}`).toBe(0)
      opportunities += world.sentButNotDurable
      const { status, ydoc } = world.scripted.room
      expect(status, `seed ${seed}`).toMatchObject({ save: 'saved', connection: 'connected' })
      const text = ydoc.getText('content').toString()
      expect(text, `seed ${seed}`).toBe(world.server.disk.getText('content').toString())
      for (const token of world.present) expect(text.split(token)).toHaveLength(2)
      world.scripted.room.destroy()
    }
    // Control: the moments at which a status that takes sent for saved would have lied.
    expect(opportunities).toBeGreaterThan(SEEDS)
  })

  it('[K1] control: the same check catches a server that acknowledges before the disk', async () => {
    let lies = 0
    for (let seed = 1; seed <= 10; seed++) {
      const world = await run(seed, { acksEarly: true })
      lies += world.lies
      world.scripted.room.destroy()
    }
    expect(lies).toBeGreaterThan(0)
  })
})
