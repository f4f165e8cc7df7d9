import type { Access } from '@coscribe/shared'

/** Whether a session with this access may change the document. */
export function canWrite(access: Access): boolean {
  return access === 'write' || access === 'admin'
}
