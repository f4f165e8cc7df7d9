import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { stripVTControlCharacters } from 'node:util'
import { BrowserPeople, isDevelopment, type BrowserPerson } from '../support/browser-people.js'
import { eventually } from '../support/eventually.js'
import { packWorkspaces } from '../support/packed.js'

const GOAL_S = 120
const CREATE_VITE = 'create-vite@9.3.0'
const ready = /http:\/\/127\.0\.0\.1:\d+/

/**
 * `npm run prove -- newcomer`: from an empty folder to an editor in one's own Vite app in which two people write, with
 * packages as they would be published. Prints what each step took; making the packages is not one. Returns the exit code.
 */
export async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'coscribe-newcomer-'))
  const newcomer = new Newcomer(folder)
  try {
    return await newcomer.path()
  } catch (error) {
    console.error(error)
    return 1
  } finally {
    await newcomer.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

class Newcomer {
  readonly #folder: string
  readonly #app: string
  readonly #running: ChildProcess[] = []
  readonly #took: { readonly step: string; readonly seconds: number }[] = []
  #people: BrowserPeople | null = null

  constructor(folder: string) {
    this.#folder = folder
    this.#app = join(folder, 'app')
  }

  async path(): Promise<number> {
    console.log('[E161] from an empty folder to two people in an app of their own')
    const packed = packWorkspaces(['shared', 'storage', 'server', 'client'], this.#folder)
    const tarballs = packed.map(({ file }) => file)
    this.#people = await BrowserPeople.start()
    this.#step('npm create vite', () =>
      this.#npm(this.#folder, 'exec', '--yes', '--', CREATE_VITE, 'app', '--template', 'vanilla'),
    )
    this.#step('npm install', () => this.#npm(this.#app, 'install', ...tarballs))
    const server = await this.#start('start the server', ['coscribe', 'serve', '--port', '0'])
    this.#step('five lines', () => writeFileSync(join(this.#app, 'src/main.js'), lines(server)))
    const address = await this.#start('start the app', ['vite', '--host', '127.0.0.1', '--port=0'])
    const errors = await this.#write(address)
    return this.#report(errors)
  }

  async end(): Promise<void> {
    for (const child of this.#running) if (child.exitCode === null) child.kill('SIGKILL')
    await this.#people?.stop()
  }

  /** Two people write, each sees both. Returns what their browsers complained about. */
  async #write(address: string): Promise<readonly string[]> {
    const people = [await this.#person(), await this.#person()] as const
    const [ada, ben] = people
    await this.#stepAsync('one can type', async () => {
      await ada.page.goto(address)
      await ada.page.locator('[contenteditable=true]').click()
      await ada.page.keyboard.type('from Ada')
    })
    await this.#stepAsync('two agree', async () => {
      await ben.page.goto(address)
      await ben.page.getByRole('textbox').filter({ hasText: 'from Ada' }).click()
      await ben.page.keyboard.press('ControlOrMeta+End')
      await ben.page.keyboard.type(', from Ben')
      await ada.page.getByRole('textbox').filter({ hasText: 'from Ada, from Ben' }).waitFor()
    })
    return people.flatMap(({ errors }) => errors).filter((error) => !isDevelopment(error))
  }

  async #person(): Promise<BrowserPerson> {
    if (this.#people === null) throw new Error('no browser')
    return this.#people.person()
  }

  /** Starts a program of the app's packages and resolves to the address that it prints. */
  async #start(step: string, [name = '', ...args]: readonly string[]): Promise<string> {
    let output = ''
    await this.#stepAsync(step, async () => {
      // The program itself and not by npx: only what is started here is ended here.
      const child = spawn(process.execPath, [this.#binary(name), ...args], {
        cwd: this.#app,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      this.#running.push(child)
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += stripVTControlCharacters(text)
      })
      await eventually(`${name} prints an address`, () => ready.test(output), 60_000)
    })
    return ready.exec(output)?.[0] ?? ''
  }

  #binary(name: string): string {
    const folder = join(this.#app, 'node_modules', name === 'coscribe' ? '@coscribe/server' : name)
    const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly bin: Readonly<Record<string, string>>
    }
    return join(folder, bin[name] ?? '')
  }

  #npm(cwd: string, ...args: readonly string[]): void {
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' })
    if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stdout}${stderr}`)
  }

  #step(step: string, work: () => void): void {
    const before = performance.now()
    work()
    this.#took.push({ step, seconds: (performance.now() - before) / 1_000 })
  }

  async #stepAsync(step: string, work: () => Promise<void>): Promise<void> {
    const before = performance.now()
    await work()
    this.#took.push({ step, seconds: (performance.now() - before) / 1_000 })
  }

  #report(errors: readonly string[]): number {
    const total = this.#took.reduce((sum, { seconds }) => sum + seconds, 0)
    for (const { step, seconds } of [...this.#took, { step: 'together', seconds: total }]) {
      console.log(`${step.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s`)
    }
    for (const error of errors) console.error(`in the console: ${error}`)
    if (total > GOAL_S) console.error(`it took longer than ${GOAL_S} s`)
    return errors.length === 0 && total <= GOAL_S ? 0 : 1
  }
}

function lines(server: string): string {
  return `import { mountEditor } from '@coscribe/client/editor'

const place = document.querySelector('#app')
place.style.height = '20rem'
mountEditor(place, { url: '${server}', doc: 'minutes' })
`
}
