const KiB = 1024
const MiB = 1024 * KiB

/**
 * Sizes both ends agree on. Units are in the names; each is the default of a server option, and the client learns
 * the values in force from the server's hello.
 */
export const defaultLimits = Object.freeze({
  /** One protocol message. */
  messageBytes: 4 * MiB,
  /** A document's stored bytes (snapshot and tail); above it only deletions are accepted. */
  documentBytes: 64 * MiB,
  documentIdBytes: 255,
  /** Updates waiting for others that the server lacks, per document. */
  pendingBytes: 8 * MiB,
  rootNames: 1_000,
  /** Nesting of shared types inside each other. */
  typeDepth: 200,
  /** Nesting of plain values (JSON and Any) inside one item. */
  jsonDepth: 100,
  /**
   * Structs and delete ranges in one update. The smallest take two bytes and are kept as up to 41 while the update is
   * looked at; people's documents take more than ten bytes for each.
   */
  updateStructs: 6_000_000,
  /** Clients with structs in one update; a live document pays for each of them with every later edit. */
  updateClients: 50_000,
  /** Subdocuments in one update; yjs makes a whole document of each. */
  updateSubdocuments: 10_000,
  /** One presence state as JSON, UTF-8. */
  presenceBytes: 4 * KiB,
  presenceDepth: 4,
})

/** Values for every limit; see {@link defaultLimits} for units. */
export type Limits = { readonly [Name in keyof typeof defaultLimits]: number }
