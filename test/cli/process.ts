/** Runs the command as users do: the built one, as a process, in a folder of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Options = {
  readonly input?: string
  readonly env?: Record<string, string>
  /** A command line of sh to run instead, in which "$gouji" is the command. */
  readonly shell?: boolean
}
export type Result = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
export const samples = fileURLToPath(new URL('../../samples', import.meta.url))

export function startGouji(
  folder: string,
  args: readonly string[],
  environment: Record<string, string> = {},
  shell = false,
): ChildProcess {
  const { GOUJI_TEST_SUMMARY: _, ...inherited } = process.env
  const env = { ...inherited, LANG: 'en_US.UTF-8', LC_ALL: '', GOUJI_JOBS: '2', gouji: main, ...environment }
  const [command, rest] = shell ? ['sh', ['-c', args[0]!]] : [process.execPath, [main, ...args]]
  return spawn(command, rest, { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] })
}

export async function runGouji(folder: string, args: readonly string[], options: Options = {}): Promise<Result> {
  const child = startGouji(folder, args, options.env, options.shell)
  let stdout = ''
  let stderr = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin!.on('error', () => {}).end(options.input ?? '')
  await once(child, 'close')
  return { code: child.exitCode, stdout, stderr }
}
