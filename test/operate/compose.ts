/** docker-compose.yml as data, with its merges and its `$$` resolved. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export type Service = {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly secrets?: readonly string[]
  readonly stop_grace_period?: string
  readonly read_only?: boolean
  readonly restart?: string
  readonly logging?: { readonly options: Readonly<Record<string, string>> }
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly deploy?: { readonly resources: { readonly limits: object } }
}

export type Compose = {
  readonly services: Readonly<Record<'worker' | 'server' | 'postgres' | 'redis', Service>>
  readonly volumes: object
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

const root = new URL('../../', import.meta.url)
const text = (name: string): string => readFileSync(new URL(name, root), 'utf8')

/** The file as the tests and its schema see it. */
export const compose = parse(text('docker-compose.yml'), { merge: true }) as Compose

/** What the Dockerfile asks every half minute. */
export const healthCommand = JSON.parse(
  /^HEALTHCHECK [^[]*CMD (\[[^\n]*\])$/m.exec(text('Dockerfile'))![1]!,
) as string[]

/** What the Dockerfile runs, without process 1. */
export const entrypoint = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text('Dockerfile'))![1]!) as string[]

/** A text of a command as the container gets it. */
export const unescaped = (word: string): string => word.replaceAll('$$', '$')
