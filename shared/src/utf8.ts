interface HostText {
  TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> }
  TextDecoder: new (
    label: string,
    options: { fatal: boolean; ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string }
}

// Browsers and Node both have them, and share no types for them.
const host = globalThis as unknown as HostText

export const utf8Encoder = new host.TextEncoder()
/** Throws for what is not UTF-8. A leading U+FEFF stays, which otherwise would vanish and make two ids one. */
export const utf8Decoder = new host.TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
