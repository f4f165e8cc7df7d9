import { describe, expect, it } from 'vitest'
import {
  concatenate,
  frame,
  frameHead,
  frameHeaderSize,
  pingFrame,
  pongId,
} from '../../server/src/transport/frames.js'
import { serverFrames } from '../support/server-frames.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function received(bytes: Uint8Array): Uint8Array[] {
  return serverFrames(bytes).map(({ payload }) => payload)
}

describe('frames', () => {
  it.each([
    [0, '8200'],
    [1, '8201'],
    [125, '827d'],
    [126, '827e007e'],
    [65_535, '827effff'],
    [65_536, '827f0000000000010000'],
  ])('[P23] a payload of %i bytes gets the header %s', (size, header) => {
    const payload = new Uint8Array(size).fill(7)
    const bytes = frame(payload)
    expect(hex(bytes.subarray(0, frameHeaderSize(size)))).toBe(header)
    expect(bytes.length).toBe(frameHeaderSize(size) + size)
    expect(hex(received(bytes)[0] ?? bytes)).toBe(hex(payload))
  })

  it('[P23] several parts are one payload, in one frame or behind its head', () => {
    const [a, b] = [Uint8Array.of(1, 2), new Uint8Array(300).fill(3)]
    const whole = frame(a, b)
    expect(hex(concatenate([frameHead(a, b.length), b]))).toBe(hex(whole))
    expect(received(whole)[0]?.length).toBe(302)
  })

  it('[P23] frames written one after another are messages of their own', () => {
    const bytes = concatenate([frame(Uint8Array.of(1)), pingFrame(9), frame(Uint8Array.of(2, 3))])
    expect(received(bytes).map(hex)).toEqual(['01', '00000009', '0203'])
  })

  it('[P32] a ping comes back with its number, and no other payload has one', () => {
    expect(pongId(pingFrame(2 ** 32 - 1).subarray(2))).toBe(2 ** 32 - 1)
    expect(pongId(new Uint8Array(0))).toBeNull()
    expect(pongId(new Uint8Array(5))).toBeNull()
  })
})
