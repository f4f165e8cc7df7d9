import process from 'node:process'
import { AckLoad, type AckPlan } from './ack-load.js'
import { FanOutLoad, type FanOutPlan } from './fan-out-load.js'
import { FloodLoad, type FloodPlan } from './flood-load.js'
import { JoinLoad, type JoinPlan } from './join-load.js'
import { MixedLoad, type MixedPlan } from './mixed-load.js'
import { PresenceLoad, type PresencePlan } from './presence-load.js'
import { PushLoad, type PushPlan } from './push-load.js'
import { PairLoad, type PairPlan } from './pair-load.js'
import { SlowReaderLoad, type SlowReaderPlan } from './slow-reader-load.js'

/** The loads a generator can make, by name; each is made from a plan. */
const loads = {
  'fan-out': (plan: FanOutPlan) => new FanOutLoad(plan),
  join: (plan: JoinPlan) => new JoinLoad(plan),
  presence: (plan: PresencePlan) => new PresenceLoad(plan),
  push: (plan: PushPlan) => new PushLoad(plan),
  acks: (plan: AckPlan) => new AckLoad(plan),
  pair: (plan: PairPlan) => new PairLoad(plan),
  flood: (plan: FloodPlan) => new FloodLoad(plan),
  mixed: (plan: MixedPlan) => new MixedLoad(plan),
  'slow-reader': (plan: SlowReaderPlan) => new SlowReaderLoad(plan),
}

export type LoadName = keyof typeof loads
export type PlanOf<Name extends LoadName> = Parameters<(typeof loads)[Name]>[0]
export type LoadOf<Name extends LoadName> = ReturnType<(typeof loads)[Name]>

/** What the benchmark asks of its generator. */
export type Request =
  | { readonly id: number; readonly make: LoadName; readonly plan: unknown }
  | { readonly id: number; readonly call: string; readonly args: readonly unknown[] }

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }

let load: object | null = null

async function answer(request: Request): Promise<Reply> {
  const { id } = request
  try {
    return { id, result: await perform(request) }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}

function perform(request: Request): unknown {
  if ('make' in request) {
    const make = loads[request.make] as (plan: unknown) => object
    load = make(request.plan)
    return null
  }
  const method = Reflect.get(load ?? {}, request.call) as unknown
  if (typeof method !== 'function') throw new Error(`the load cannot ${request.call}`)
  return Reflect.apply(method, load, request.args)
}

process.on('message', (request: Request) => {
  void answer(request).then((reply) => process.send?.(reply))
})
process.on('disconnect', () => process.exit(0))
