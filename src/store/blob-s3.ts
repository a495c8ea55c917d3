/**
 * Originals in storage that speaks S3: three requests, signed by aws4fetch. Keys are hashes, so that putting the same twice
 * is the same as once, and no server needs to know of conditional requests. Whatever a server answers but for "there is
 * none" may pass: rights and buckets are mended by people, and no document is to blame.
 */
import { AwsV4Signer } from 'aws4fetch'
import { type Dispatcher, errors, request } from 'undici'
import { limits } from '../../parsers/limits.ts'
import type { S3Config } from '../config.ts'
import { detailOf, UserError } from '../errors.ts'
import { type BlobStore, nobody } from './blobs.ts'

type Call = (method: 'GET' | 'PUT' | 'HEAD', sha256: string, body?: Uint8Array) => Promise<Dispatcher.ResponseData>

/** For one request with its document. */
const secondsMax = 60
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const errorBytesMax = 4096

/** The originals of a bucket: `s3://bucket/prefix`. @throws UserError `usage` */
export function s3Blobs(place: string, settings: S3Config | null): BlobStore {
  if (settings === null || settings.accessKey === '' || settings.secretKey === '')
    throw new UserError('usage', { detail: 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY' })
  const { base, keys } = bucketOf(place, settings)
  const placeOf = (sha256: string): string => `${keys}${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`
  const call: Call = async (method, sha256, body) => {
    const url = `${base}/${placeOf(sha256)}`
    // The storage itself refuses bytes that are not those of the hash.
    const headers = { 'x-amz-content-sha256': body === undefined ? emptyHash : sha256 }
    const signed = await new AwsV4Signer({ ...credentialsOf(settings), method, url, headers, service: 's3' }).sign()
    const signal = AbortSignal.timeout(secondsMax * 1000)
    const sent = { method, headers: Object.fromEntries(signed.headers), body: body ?? null, signal }
    const answer = await request(signed.url, sent)
    // A body that is let go ends with an error, which nobody else hears.
    answer.body.on('error', () => {})
    return answer
  }
  const told = (sha256: string): string => `${place.replace(/\/+$/, '')}/${placeOf(sha256).slice(keys.length)}`
  const ask = async <T>(sha256: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof UserError) throw error
      throw new UserError('originals_unreachable', { path: told(sha256), detail: causeOf(error) }, true)
    }
  }
  return {
    place: told,
    check: async () => void (await ask(nobody, () => sizeOf(nobody, call))),
    sizeOf: (sha256) => ask(sha256, () => sizeOf(sha256, call)),
    put: (sha256, bytes) => ask(sha256, () => put(sha256, bytes, call)),
    get: (sha256) => ask(sha256, () => get(sha256, call)),
  }
}

async function sizeOf(sha256: string, call: Call): Promise<number | null> {
  const { statusCode, headers, body } = await call('HEAD', sha256)
  body.destroy()
  if (statusCode === 200) return Number(headers['content-length'])
  if (statusCode === 404) return null
  // The answer to HEAD has no body that would say more.
  throw new Error(`HTTP ${statusCode}`)
}

async function put(sha256: string, bytes: Uint8Array, call: Call): Promise<void> {
  const answer = await call('PUT', sha256, bytes)
  if (answer.statusCode !== 200) throw new Error(await errorOf(answer))
  await answer.body.dump()
}

async function get(sha256: string, call: Call): Promise<Uint8Array | null> {
  const answer = await call('GET', sha256)
  if (answer.statusCode !== 200) {
    const error = await errorOf(answer)
    if (error === 'NoSuchKey') return null
    throw new Error(error)
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    length += chunk.length
    // Nothing as large was put there: what is too much already is no longer what its hash says.
    if (length > limits.documentBytesMax) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** S3's own word for what is wrong. */
async function errorOf({ statusCode, body }: Dispatcher.ResponseData): Promise<string> {
  let text = ''
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString('latin1')
    if (text.length > errorBytesMax) break
  }
  return /<Code>(\w{1,60})<\/Code>/.exec(text)?.[1] ?? `HTTP ${statusCode}`
}

function bucketOf(place: string, { endpoint, region }: S3Config): { readonly base: string; readonly keys: string } {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/+((?:[\w.-]+\/*)*))?$/.exec(place) ?? []
  if (bucket === undefined) throw new UserError('usage', { detail: `GOUJI_BLOBS: "${place}" (s3://bucket/prefix)` })
  const server = endpoint === '' ? `https://s3.${region}.amazonaws.com` : endpoint
  if (!/^https?:\/\/[^/?#@]+\/*$/.test(server)) throw new UserError('usage', { detail: 'AWS_ENDPOINT_URL_S3' })
  const keys = prefix.split('/').filter((part) => part !== '')
  return { base: `${server.replace(/\/+$/, '')}/${bucket}`, keys: keys.map((part) => `${part}/`).join('') }
}

function credentialsOf({ region, accessKey, secretKey, sessionToken }: S3Config) {
  const keys = { accessKeyId: accessKey, secretAccessKey: secretKey, region }
  return sessionToken === '' ? keys : { ...keys, sessionToken }
}

function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0])
  if (error instanceof errors.ConnectTimeoutError || (error instanceof Error && error.name === 'TimeoutError'))
    return 'ETIMEDOUT'
  return error instanceof errors.SocketError ? 'ECONNRESET' : detailOf(error)
}
