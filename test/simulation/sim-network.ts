import type { Network, SocketClass } from '@coscribe/client'
import { SeededRandom } from '../support/random.js'
import { ClientEnd } from './client-end.js'
import { Pipe, type Line, type Receiver } from './pipe.js'
import { ServerEnd } from './server-end.js'
import type { SimClock } from './sim-clock.js'

/** How long a system tries to connect, in milliseconds. */
const CONNECT_MS = 20_000

/** Takes connections, as a listening server does. */
export interface Acceptor {
  /** Whether it takes this one; it then attaches itself to the end. */
  accept(end: ServerEnd, path: string, protocols: readonly string[]): boolean
  /** The subprotocol it would choose. */
  protocolFor(protocols: readonly string[]): string
}

/** A machine that somebody works at: its connections, and whether it thinks that it has a network. */
export class Machine implements Network {
  online = true
  /** Whether the network takes its connections though it does not know that it could not. */
  reachable = true
  /** Whether its programs read what arrives. */
  #reading = true
  readonly #listeners = new Set<() => void>()
  readonly #links = new Set<Link>()
  readonly #network: SimNetwork
  readonly line: Line
  /** Called when a program here begins to connect. */
  onConnect: () => void = () => undefined

  constructor(network: SimNetwork, line: Line) {
    this.#network = network
    this.line = line
  }

  get links(): ReadonlySet<Link> {
    return this.#links
  }

  get reading(): boolean {
    return this.#reading
  }

  set reading(reading: boolean) {
    this.#reading = reading
    for (const link of this.#links) link.setReading(reading)
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The machine notices that its network went, or came back. */
  setOnline(online: boolean): void {
    this.online = online
    for (const listener of this.#listeners) listener()
  }

  /** A WebSocket class for programs on this machine. */
  socketClass(): SocketClass {
    const connect = (url: string, protocols: string[]): ClientEnd => this.connect(url, protocols)
    // A constructor that returns an object gives that object to `new`.
    return function socket(url: string, protocols: string[]) {
      return connect(url, protocols)
    } as unknown as SocketClass
  }

  connect(url: string, protocols: readonly string[]): ClientEnd {
    const link = this.#network.link(this, url, protocols)
    this.#links.add(link)
    this.onConnect()
    return link.client
  }

  forget(link: Link): void {
    this.#links.delete(link)
    this.#network.forget(link)
  }

  /** Connections break, and both ends hear of it. */
  dropLinks(): void {
    for (const link of this.#links) link.drop()
  }

  /** Connections go silent, and nobody hears of it. */
  silenceLinks(): void {
    for (const link of this.#links) link.cut()
  }

  /** The program ended without a word; its system tells the server. */
  end(): void {
    for (const link of this.#links) {
      link.client.silence()
      link.drop()
    }
    this.#listeners.clear()
  }
}

/** Everything between machines and the server, with the time it takes and all that can go wrong. */
export class SimNetwork {
  readonly clock: SimClock
  readonly #seed: number
  readonly #links = new Set<Link>()
  #made = 0
  /** Of what servers received: the bytes of the largest message, and of everything. */
  largestMessage = 0
  received = 0
  /** A number for everything that arrived anywhere, and when: equal runs have equal ones. */
  traffic = 0
  server: Acceptor | null = null

  constructor(clock: SimClock, seed: number) {
    this.clock = clock
    this.#seed = seed
  }

  link(machine: Machine, url: string, protocols: readonly string[]): Link {
    this.#made++
    // Each connection has chances of its own, so that one more or less does not change the others.
    const random = new SeededRandom(Math.imul(this.#seed, 7_919) + this.#made)
    const path = decodeURIComponent(new URL(url).pathname.slice(1))
    const link = new Link(this, machine, random)
    this.#links.add(link)
    this.clock.after(link.delay(), () => link.open(path, protocols))
    this.clock.after(CONNECT_MS, () => link.client.gaveUp())
    return link
  }

  forget(link: Link): void {
    this.#links.delete(link)
  }

  /** These bytes arrived somewhere now. */
  noteTraffic(bytes: Uint8Array): void {
    let sum = this.traffic ^ Math.round(this.clock.now() * 1_000)
    for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0
    this.traffic = sum
  }

  /** A server received a message of so many bytes. */
  noteMessage(bytes: number): void {
    this.received += bytes
    this.largestMessage = Math.max(this.largestMessage, bytes)
  }

  /** The server's process ended. */
  serverDied(): void {
    this.server = null
    for (const link of this.#links) link.serverDied()
  }
}

/** One connection. */
export class Link {
  readonly client: ClientEnd
  #server: ServerEnd | null = null
  readonly #network: SimNetwork
  readonly #machine: Machine
  readonly #random: SeededRandom
  #up: Pipe | null = null
  #down: Pipe | null = null
  #isCut = false

  constructor(network: SimNetwork, machine: Machine, random: SeededRandom) {
    this.#network = network
    this.#machine = machine
    this.#random = random
    this.client = new ClientEnd(network.clock, () => this.#clientGone())
  }

  get server(): ServerEnd | null {
    return this.#server
  }

  /** A time for one way. */
  delay(): number {
    const { latencyMs, jitterMs } = this.#machine.line
    return latencyMs + this.#random.fraction() * jitterMs
  }

  open(path: string, protocols: readonly string[]): void {
    const { server, clock } = this.#network
    const { reachable, online } = this.#machine
    if (this.#isCut) return
    if (server === null || !reachable || !online) return this.#refuse()
    const end = new ServerEnd(clock, server.protocolFor(protocols), {
      abandon: () => this.#serverGone(),
      received: (bytes) => this.#network.noteMessage(bytes),
    })
    this.#server = end
    this.#up = this.#pipe(end, () => this.client.push())
    this.#down = this.#pipe(this.client, () => end.socket.push())
    this.#down.paused = !this.#machine.reading
    end.attach(this.#up, this.#down)
    const up = this.#up
    this.#down.signal(() => this.client.opened(server.protocolFor(protocols), up))
    if (!server.accept(end, path, protocols)) this.#refuse()
  }

  setReading(reading: boolean): void {
    if (this.#down !== null) this.#down.paused = !reading
  }

  /** Nothing arrives any more, and nobody is told. */
  cut(): void {
    this.#isCut = true
    this.#up?.cut()
    this.#down?.cut()
  }

  /** The connection breaks; each end hears of it in its own time. */
  drop(): void {
    this.cut()
    this.#tellClient()
    this.#tellServer()
  }

  /** The server's process ended, and its system says so. */
  serverDied(): void {
    this.#server?.silence()
    this.cut()
    this.#tellClient()
  }

  #pipe(to: Receiver, room: () => void): Pipe {
    const receiver = {
      arrived: (bytes: Uint8Array): void => {
        this.#network.noteTraffic(bytes)
        to.arrived(bytes)
      },
    }
    return new Pipe(this.#network.clock, this.#random, this.#machine.line, { receiver, room })
  }

  #refuse(): void {
    this.cut()
    this.#tellClient()
  }

  #clientGone(): void {
    const known = !this.#isCut
    this.cut()
    if (known) this.#tellServer()
    this.#machine.forget(this)
  }

  #serverGone(): void {
    const known = !this.#isCut
    this.cut()
    if (known) this.#tellClient()
  }

  #tellClient(): void {
    this.#network.clock.after(this.delay(), () => {
      this.client.lost()
      this.#machine.forget(this)
    })
  }

  #tellServer(): void {
    this.#network.clock.after(this.delay(), () => this.#server?.lost())
  }
}
