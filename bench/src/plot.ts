import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './bench.js'

/** Lines over a number that grows by factors; both axes are logarithmic. */
export interface Plot {
  /** Of the file. */
  readonly name: string
  readonly title: string
  readonly lines: readonly Line[]
}

interface Line {
  readonly name: string
  /** Where, and how much; points without a value are left out. */
  readonly points: readonly (readonly [number, number])[]
}

const WIDTH = 720
const HEIGHT = 420
const LEFT = 70
const RIGHT = 150
const TOP = 40
const BOTTOM = 40
const COLORS = ['#1b6ac9', '#5fa4ee', '#c9481b', '#ee9a5f', '#2b8a3e', '#8ccf7e', '#555', '#aaa']

/** Writes the plot as SVG beside the other results. */
export function plot(bench: Bench, { name, title, lines }: Plot): void {
  const drawn = lines
    .map((line) => ({ ...line, points: line.points.filter(([, y]) => Number.isFinite(y)) }))
    .filter(({ points }) => points.length > 0)
  if (drawn.length === 0) return
  const all = drawn.flatMap(({ points }) => points)
  const x = scale(
    all.map(([value]) => value),
    LEFT,
    WIDTH - RIGHT,
  )
  const y = scale(
    all.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  )
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${LEFT}" y="22" font-size="15">${title}</text>`,
    ...ticks(all.map(([value]) => value)).map((value) => {
      const at = x(value).toFixed(1)
      return (
        `<line x1="${at}" y1="${TOP}" x2="${at}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"/>` +
        `<text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${value.toLocaleString('en')}</text>`
      )
    }),
    ...ticks(all.map(([, value]) => value)).map((value) => {
      const at = y(value).toFixed(1)
      return (
        `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#ddd"/>` +
        `<text x="${LEFT - 8}" y="${at}" text-anchor="end" dominant-baseline="middle">${value.toLocaleString('en')} µs</text>`
      )
    }),
    ...drawn.map((line, index) => drawLine(line, COLORS[index % COLORS.length] ?? '#000', x, y)),
    ...labels(drawn, y),
    '</svg>',
  ]
  mkdirSync(bench.plots, { recursive: true })
  writeFileSync(join(bench.plots, `${name}.svg`), `${parts.join('\n')}\n`)
}

type Scale = (value: number) => number

function scale(values: readonly number[], from: number, to: number): Scale {
  const marks = ticks(values)
  const low = Math.log10(marks[0] ?? 1)
  const high = Math.log10(marks.at(-1) ?? 10)
  return (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from)
}

/** Powers of ten around all values. */
function ticks(values: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  return Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step))
}

function drawLine({ points }: Line, color: string, x: Scale, y: Scale): string {
  const at = points.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`)
  const dots = at.map((place) => {
    const [cx, cy] = place.split(',')
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${color}"/>`
  })
  return `<polyline fill="none" stroke="${color}" stroke-width="2" points="${at.join(' ')}"/>${dots.join('')}`
}

const LABEL_HEIGHT = 14

/** Names at the right ends, moved apart where they would cover each other. */
function labels(lines: readonly Line[], y: Scale): string[] {
  const ends = lines
    .map(({ name, points }, index) => ({
      name,
      color: COLORS[index % COLORS.length],
      at: y(points.at(-1)?.[1] ?? 1),
    }))
    .sort((a, b) => a.at - b.at)
  let free = TOP
  return ends.map(({ name, color, at }) => {
    const place = Math.max(free, at)
    free = place + LABEL_HEIGHT
    return `<text x="${WIDTH - RIGHT + 8}" y="${place.toFixed(1)}" fill="${color}" dominant-baseline="middle">${name}</text>`
  })
}
