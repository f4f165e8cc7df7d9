import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const SOURCE = fileURLToPath(new URL('../faults/powerloss.c', import.meta.url))

/** A way to run a process so that its power can be cut: what it has not flushed is gone, and so is it. */
export interface PowerLoss {
  /** The environment for the process. */
  readonly env: Readonly<Record<string, string>>
  /** Cuts the power. The process ends with SIGKILL; wait for that. */
  cut(): Promise<void>
}

/**
 * Compiles the library into `folder`.
 *
 * @throws Error that says what to install when there is no C compiler
 */
export async function compilePowerLoss(folder: string): Promise<string> {
  const library = join(folder, 'powerloss.so')
  const compiler = process.env['CC'] ?? 'cc'
  const flags = ['-O1', '-Wall', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl', '-lpthread']
  try {
    await promisify(execFile)(compiler, flags)
  } catch (error) {
    throw new Error(
      `the power-loss tests need a C compiler (tried ${compiler}; set CC, or install gcc) on Linux`,
      { cause: error },
    )
  }
  return library
}

/**
 * @param library what {@link compilePowerLoss} made
 * @param root the folder whose files are watched; everything else is left alone
 * @param trigger a path that does not exist yet, outside `root`
 */
export function powerLoss(library: string, root: string, trigger: string): PowerLoss {
  return {
    env: {
      LD_PRELOAD: library,
      POWERLOSS_ROOT: root,
      POWERLOSS_TRIGGER: trigger,
      // Writes through io_uring are no library calls.
      UV_USE_IO_URING: '0',
    },
    cut: () => writeFile(trigger, ''),
  }
}
