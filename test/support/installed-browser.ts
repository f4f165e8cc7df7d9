import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/** Where a browser may be. */
export interface BrowserPlaces {
  /** As people call it. */
  readonly name: string
  /** The environment variable that names one. */
  readonly variable: string
  /** Absolute paths. */
  readonly usual: readonly string[]
  /** Names of programs on the `PATH`. */
  readonly programs: readonly string[]
  /** Debian's packages, of which the first that there is will do. */
  readonly aptPackages: readonly [string, ...string[]]
  /** One that was downloaded for this user, whether it is there or not. */
  readonly downloaded?: string
  /** One more way to get one, for who reads the error. */
  readonly otherWay: string
}

/**
 * The path of a browser: the one that the environment names, or one of this machine, or one that is installed for it.
 *
 * @throws Error naming the ways when there is none
 */
export function browserPath(places: BrowserPlaces): string {
  return process.env[places.variable] ?? found(places) ?? install(places)
}

function found({ usual, programs, downloaded }: BrowserPlaces): string | undefined {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => programs.map((name) => join(folder, name)))
  const own = downloaded === undefined ? [] : [downloaded]
  return [...usual, ...onPath, ...own].find((path) => existsSync(path))
}

function install(places: BrowserPlaces): string {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) throw nowhere(places)
  const isThere =
    apt(places, 'update') &&
    places.aptPackages.some((name) => apt(places, 'install', '-y', '--no-install-recommends', name))
  const path = isThere ? found(places) : undefined
  if (path === undefined) throw nowhere(places)
  return path
}

function apt({ name }: BrowserPlaces, ...words: readonly string[]): boolean {
  console.log(`no ${name} here; as root on Debian, running: apt-get ${words.join(' ')}`)
  // Two test files may ask for the same one at once.
  const waiting = ['-o', 'DPkg::Lock::Timeout=300']
  return spawnSync('apt-get', [...waiting, ...words], { stdio: 'inherit' }).status === 0
}

function nowhere({ name, variable, aptPackages, otherWay }: BrowserPlaces): Error {
  return new Error(
    `the browser tests need a ${name}: set ${variable} to one, or install one ` +
      `(Debian: apt-get install ${aptPackages[0]}), or ${otherWay}`,
  )
}
