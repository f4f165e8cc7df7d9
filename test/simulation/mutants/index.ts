import type { Mutant } from '../mutation.js'
import { mutant as ackBeforeFsync } from './ack-before-fsync.js'
import { mutant as ackDespiteFailedWrite } from './ack-despite-failed-write.js'
import { mutant as ackOffByOne } from './ack-off-by-one.js'
import { mutant as authorSparedTooMuch } from './author-spared-too-much.js'
import { mutant as catchUpDropsLastBatch } from './catch-up-drops-last-batch.js'
import { mutant as clientForgetsPending } from './client-forgets-pending.js'
import { mutant as compactionNotAtomic } from './compaction-not-atomic.js'
import { mutant as deletionsTakenForKnown } from './deletions-taken-for-known.js'
import { mutant as dependencyGapIgnored } from './dependency-gap-ignored.js'
import { mutant as failedWriteForgotten } from './failed-write-forgotten.js'
import { mutant as forgedContinuationTaken } from './forged-continuation-taken.js'
import { mutant as gapNeverAsked } from './gap-never-asked.js'
import { mutant as knownAckedAtOnce } from './known-acked-at-once.js'
import { mutant as lagPositionOffByOne } from './lag-position-off-by-one.js'
import { mutant as laggardForgotten } from './laggard-forgotten.js'
import { mutant as lastUpdateLeftOut } from './last-update-left-out.js'
import { mutant as noServerStep1 } from './no-server-step-1.js'
import { mutant as presenceStays } from './presence-stays.js'
import { mutant as queueWithoutBound } from './queue-without-bound.js'
import { mutant as releasedSnapshotNotFetched } from './released-snapshot-not-fetched.js'
import { mutant as resumeByNumber } from './resume-by-number.js'
import { mutant as resumePointNotOnDisk } from './resume-point-not-on-disk.js'
import { mutant as snapshotWithoutDeletes } from './snapshot-without-deletes.js'
import { mutant as unreadableTakenForNew } from './unreadable-taken-for-new.js'

/** Every defect that the simulation has to notice, by its name. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'ack-before-fsync': ackBeforeFsync,
  'ack-despite-failed-write': ackDespiteFailedWrite,
  'ack-off-by-one': ackOffByOne,
  'author-spared-too-much': authorSparedTooMuch,
  'catch-up-drops-last-batch': catchUpDropsLastBatch,
  'client-forgets-pending': clientForgetsPending,
  'compaction-not-atomic': compactionNotAtomic,
  'deletions-taken-for-known': deletionsTakenForKnown,
  'dependency-gap-ignored': dependencyGapIgnored,
  'failed-write-forgotten': failedWriteForgotten,
  'forged-continuation-taken': forgedContinuationTaken,
  'gap-never-asked': gapNeverAsked,
  'known-acked-at-once': knownAckedAtOnce,
  'lag-position-off-by-one': lagPositionOffByOne,
  'laggard-forgotten': laggardForgotten,
  'last-update-left-out': lastUpdateLeftOut,
  'no-server-step-1': noServerStep1,
  'presence-stays': presenceStays,
  'queue-without-bound': queueWithoutBound,
  'released-snapshot-not-fetched': releasedSnapshotNotFetched,
  'resume-by-number': resumeByNumber,
  'resume-point-not-on-disk': resumePointNotOnDisk,
  'snapshot-without-deletes': snapshotWithoutDeletes,
  'unreadable-taken-for-new': unreadableTakenForNew,
}
