import { expect, onTestFinished } from 'vitest'
import type { BrowserPeople, BrowserPerson } from '../../support/browser-people.js'
import { RestartableServer } from '../../support/restartable-server.js'

/** How a browser puts a tab to sleep. */
export interface Freezing {
  /** Resolves to what wakes the tab. */
  freeze(person: BrowserPerson): Promise<() => Promise<void>>
  /** Whether the tab is told before, and can tell the others. */
  readonly isTold: boolean
}

function pendingIn({ page }: BrowserPerson): Promise<number> {
  return page.evaluate(
    () => document.querySelector('coscribe-editor')?.room?.status.pending.updates ?? -1,
  )
}

export async function local({ page }: BrowserPerson): Promise<void> {
  await page.locator('coscribe-status[data-save=local]').waitFor()
}

/** Two tabs write without a server; what the one that sleeps, and later is closed, had not sent comes by the other. */
export async function twoTabsOfOnePerson(people: BrowserPeople, freezing: Freezing): Promise<void> {
  const server = await RestartableServer.started()
  onTestFinished(() => server.remove())
  const one = await people.person({ installs: false })
  await one.open(`${server.url.replace('ws', 'http')}/d/doc`)
  await one.write('both here')
  await one.saved()
  const two = await people.tab(one)
  await two.open(one.page.url())
  await two.reads('both here')
  await server.stop()
  await one.write(', by one')
  await two.reads('both here, by one')
  await local(one)
  expect(await pendingIn(two)).toBe(0)
  await two.write(', by two')
  await one.reads('both here, by one, by two')
  const wake = await freezing.freeze(one)
  if (freezing.isTold)
    await expect.poll(() => pendingIn(two), { timeout: 60_000 }).toBeGreaterThan(1)
  await server.start()
  await two.saved()
  const ben = await people.person({ installs: false })
  await ben.open(one.page.url())
  await ben.reads('both here, by one, by two')
  await wake()
  await one.saved()
  await one.write('!')
  await ben.reads('both here, by one, by two!')
  await server.stop()
  await one.write(' And closed')
  await two.reads('both here, by one, by two! And closed')
  await local(one)
  await one.page.close()
  await server.start()
  await ben.reads('both here, by one, by two! And closed')
  await two.saved()
}
