import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { chromium, type Browser } from 'playwright-core'

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Starts a Chromium: the one of `CHROME_PATH`, or one of this machine, or one that is installed for it.
 *
 * @throws Error naming the ways when there is none
 */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env['CHROME_PATH'] ?? installed() ?? downloaded() ?? install()
  return chromium.launch({ executablePath, args })
}

function installed(): string | undefined {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => ['chromium', 'google-chrome'].map((name) => join(folder, name)))
  return [...usualPlaces, ...onPath].find((path) => existsSync(path))
}

/** The one that `npx playwright-core install chromium` puts into the user's folder. */
function downloaded(): string | undefined {
  const path = chromium.executablePath()
  return existsSync(path) ? path : undefined
}

function install(): string {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) throw nowhere()
  for (const command of ['apt-get update', 'apt-get install -y --no-install-recommends chromium']) {
    console.log(`no Chromium here; as root on Debian, running: ${command}`)
    const [program = '', ...rest] = command.split(' ')
    const { status } = spawnSync(program, rest, { stdio: 'inherit' })
    if (status !== 0) throw nowhere()
  }
  const path = installed()
  if (path === undefined) throw nowhere()
  return path
}

function nowhere(): Error {
  return new Error(
    'the browser tests need a Chromium: set CHROME_PATH to one, or install one (Debian: apt-get install chromium), ' +
      'or run: npx playwright-core install chromium',
  )
}
