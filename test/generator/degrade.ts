/**
 * What printers, scanners and portals do to a page: takes a drawing, gives the bytes of a picture, the same for the same
 * seed. Levels stand for a file made by a program, a good scan, a bad scan, and a fax.
 */
import sharp from 'sharp'
import { makeRandom, type Random } from './random.ts'

export type Level = 'clean' | 'light' | 'bad' | 'fax'

/** A picture's bytes with what was done to it. */
export type Degraded = { readonly bytes: Uint8Array; readonly name: string; readonly note: string }

type Wear = {
  /** Degrees, either way. */
  readonly skew: readonly [number, number]
  readonly noise: readonly [number, number]
  readonly blur: readonly [number, number]
  /** JPEG quality; null: PNG. */
  readonly quality: readonly [number, number] | null
  /** How much darker the darkest corner is, of 1. */
  readonly shade: readonly [number, number]
  /** Share of pixels turned black or white. */
  readonly specks: number
  /** How black ink is, of 255. */
  readonly ink: readonly [number, number]
  /** Share of the pixels of ink that a bad toner leaves out in patches. */
  readonly gaps: number
  readonly oneBit: boolean
}

const none: Wear = {
  skew: [0, 0],
  noise: [0, 0],
  blur: [0, 0],
  quality: null,
  shade: [0, 0],
  specks: 0,
  ink: [0, 0],
  gaps: 0,
  oneBit: false,
}
const wears: Readonly<Record<Level, Wear>> = {
  clean: none,
  light: {
    ...none,
    skew: [0.1, 0.6],
    noise: [3, 8],
    blur: [0.3, 0.5],
    quality: [70, 85],
    shade: [0, 0.15],
    ink: [10, 50],
  },
  bad: {
    ...none,
    skew: [0.6, 2],
    noise: [10, 20],
    blur: [0.5, 0.9],
    quality: [30, 50],
    shade: [0.15, 0.4],
    specks: 0.0005,
    ink: [40, 90],
    gaps: 0.02,
  },
  fax: {
    ...none,
    skew: [0.3, 1.5],
    noise: [20, 30],
    blur: [0.4, 0.6],
    specks: 0.001,
    ink: [20, 50],
    gaps: 0.02,
    oneBit: true,
  },
}

/** A drawing at some dots to the inch, worn as the level says. */
export async function degrade(svg: string, dpi: number, level: Level, seed: number): Promise<Degraded> {
  const { data, info } = await sharp(Buffer.from(svg), { density: dpi, limitInputPixels: 200_000_000 })
    .flatten({ background: 'white' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return wearOut({ data, width: info.width, height: info.height }, dpi, level, seed)
}

/** The same of a picture that is already in pixels. */
export async function wearOut(
  page: { readonly data: Uint8Array; readonly width: number; readonly height: number },
  dpi: number,
  level: Level,
  seed: number,
): Promise<Degraded> {
  const random = makeRandom(seed * 7 + dpi)
  const wear = wears[level]
  const between = ([low, high]: readonly [number, number]): number =>
    low + ((high - low) * random.integer(0, 1000)) / 1000
  const skew = between(wear.skew) * (random.chance(0.5) ? 1 : -1)
  const blur = (between(wear.blur) * dpi) / 200
  const raw = { width: page.width, height: page.height, channels: 1 as const }
  let picture = sharp(page.data, { raw })
  if (skew !== 0) picture = sharp(await picture.rotate(skew, { background: 'white' }).png().toBuffer()).greyscale()
  if (blur > 0.3) picture = sharp(await picture.blur(blur).png().toBuffer()).greyscale()
  const { data, info } = await picture.greyscale().raw().toBuffer({ resolveWithObject: true })
  const ink = between(wear.ink)
  const shade = between(wear.shade)
  const noise = between(wear.noise)
  const corner = random.integer(0, 3)
  const normal = makeNormal(random)
  const patches = wear.gaps > 0 ? makePatches(info.width, info.height, dpi, wear.gaps, random) : null
  for (let y = 0, at = 0; y < info.height; y++) {
    for (let x = 0; x < info.width; x++, at++) {
      let value = ink + (data[at]! * (255 - ink)) / 255
      if (patches?.has((y >> 2) * 65_536 + (x >> 2))) value += (255 - value) * 0.6
      const [right, down] = [
        corner % 2 === 0 ? x / info.width : 1 - x / info.width,
        corner < 2 ? y / info.height : 1 - y / info.height,
      ]
      value *= 1 - shade * right * down
      if (noise > 0) value += normal() * noise
      if (wear.specks > 0 && random.chance(wear.specks)) value = random.chance(0.5) ? 0 : 255
      data[at] = wear.oneBit ? (value < 150 ? 0 : 255) : Math.max(0, Math.min(255, value))
    }
  }
  const out = sharp(data, { raw: { width: info.width, height: info.height, channels: 1 } }).withMetadata({
    density: dpi,
  })
  const quality = wear.quality === null ? null : Math.round(between(wear.quality))
  const bytes =
    quality === null ? await out.png({ compressionLevel: 3 }).toBuffer() : await out.jpeg({ quality }).toBuffer()
  const note = `${level}, ${dpi} dpi, skew ${skew.toFixed(2)}, noise ${noise.toFixed(0)}, quality ${quality ?? 'png'}`
  return { bytes, name: quality === null ? 'scan.png' : 'scan.jpg', note }
}

/** Normally distributed numbers from a table, since a page takes millions. */
function makeNormal(random: Random): () => number {
  const table = Float32Array.from({ length: 65_537 }, () => {
    const [u, v] = [random.integer(1, 1_000_000) / 1_000_001, random.integer(0, 1_000_000) / 1_000_000]
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)
  })
  let next = 0
  let step = 1
  return () => {
    next += step
    if (next >= table.length) {
      next = random.integer(0, 1000)
      step = random.integer(1, 7)
    }
    return table[next]!
  }
}

/** Small areas where toner is missing, as keys of blocks of four pixels. */
function makePatches(width: number, height: number, dpi: number, share: number, random: Random): Set<number> {
  const blocks = new Set<number>()
  const count = (width * height * share) / (dpi * 0.02) ** 2
  for (let index = 0; index < count / 4; index++) {
    blocks.add((random.integer(0, height) >> 2) * 65_536 + (random.integer(0, width) >> 2))
  }
  return blocks
}
