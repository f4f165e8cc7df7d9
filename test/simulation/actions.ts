import { unreachable } from '@coscribe/shared'
import { SeededRandom } from '../support/random.js'
import { OwnPerson } from './own-person.js'
import type { Person } from './person.js'
import type { CommonAction, PersonalAction, Step } from './plan.js'
import { StockPerson } from './stock-person.js'
import type { World } from './world.js'

/** Makes a step of a plan happen. A step that has lost its point, because another was taken out, does nothing. */
export async function act(world: World, step: Step): Promise<void> {
  if ('who' in step) {
    const person = world.people[step.who]
    if (person !== undefined) personally(person, step.do, new SeededRandom(step.roll))
  } else {
    await together(world, step.do, new SeededRandom(step.roll))
  }
}

function personally(person: Person, action: PersonalAction, random: SeededRandom): void {
  const { machine } = person
  switch (action) {
    case 'edit':
      return person.edit(random)
    case 'burst':
      return person.burst(random)
    case 'paste':
      return person.paste(random)
    case 'show':
      return person.show()
    case 'leave':
      return person.leave()
    case 'join':
      if (!person.running) person.start()
      return
    case 'die':
      return person.die()
    case 'reload':
      person.die()
      return person.start()
    case 'forget':
      if (!(person instanceof OwnPerson)) return
      person.die()
      person.forgetCopy()
      return person.start()
    case 'offline':
      // One's own doing, or the machine's.
      if (random.chance(0.3) && person instanceof OwnPerson) return person.goAway()
      machine.setOnline(false)
      return machine.dropLinks()
    case 'online':
      if (person instanceof OwnPerson) person.comeBack()
      return machine.setOnline(true)
    case 'unplug':
      machine.reachable = false
      return machine.silenceLinks()
    case 'plug':
      machine.reachable = true
      return
    case 'drop':
      return machine.dropLinks()
    case 'freeze':
      machine.reading = false
      return
    case 'thaw':
      machine.reading = true
      return
    default:
      return unreachable(action)
  }
}

/** Of somebody's last words only another tab knows, which writes on and is the only one who can be asked. */
async function orphan(world: World, random: SeededRandom): Promise<void> {
  const tabs = world.people.filter((person) => person instanceof StockPerson && person.hasTabs)
  const [author, heir] = random.shuffle(tabs.filter((person) => person.running))
  if (author === undefined || heir?.documentId !== author.documentId) return
  author.machine.silenceLinks()
  author.edit(random)
  author.edit(random)
  await world.clock.advance(5)
  heir.burst(random)
  author.die()
}

async function together(world: World, action: CommonAction, random: SeededRandom): Promise<void> {
  const { disk, documents } = world
  switch (action) {
    case 'start':
      return world.startServer()
    case 'crash':
      return world.killServer(false)
    case 'power-loss':
      return world.killServer(true)
    case 'stop':
      return world.stopServer()
    case 'restore':
      return world.restore(random.fraction())
    case 'full':
      disk.full = true
      return
    case 'room':
      disk.full = false
      return
    case 'unreadable':
      disk.unreadable = true
      return
    case 'readable':
      disk.unreadable = false
      return
    case 'compact':
      return world.compact(random.pick(documents))
    case 'release':
      return world.release(random.pick(documents))
    case 'audit':
      return world.audit(random.pick(documents))
    case 'forge':
      return world.forge(random.pick(documents), random)
    case 'orphan':
      return orphan(world, random)
    case 'chorus':
      // In one turn, so that their edits meet in one batch.
      for (const person of world.people) person.edit(random)
      return
    default:
      return unreachable(action)
  }
}
