/**
 * What an OFD package holds (GB/T 33190-2016, clause 7), without anything being drawn: takes the bytes of the zip, gives
 * its documents with what they say about themselves, and for each page its size and the layers to draw, those of its
 * templates among them, in the order of drawing.
 */
import { unzip } from '../archive.ts'
import type { Metadatum } from '../document.ts'
import { damaged, ParseFailure } from '../failure.ts'
import { enforceLimit } from '../limits.ts'
import { childOf, childrenOf, type Element, numbersOf, parseXml } from './xml.ts'

/** What pages refer to by ID. */
export type Resources = {
  readonly drawParams: ReadonlyMap<string, Element>
  readonly composites: ReadonlyMap<string, Element>
  readonly colorSpaces: ReadonlyMap<string, Element>
  readonly media: ReadonlyMap<string, Element>
  /** The colour space of colours that name none. */
  readonly defaultColorSpace: string | null
}

export type SourcePage = {
  /** In millimetres. */
  readonly width: number
  readonly height: number
  /** Bottom first. */
  readonly layers: readonly Element[]
  readonly resources: Resources
  /** Stamps, watermarks and remarks that lie on the page. */
  readonly annotations: readonly Element[]
}

/** `pages` are read as they are asked for, since all their trees together may be large; reading them may throw. */
export type OfdPackage = { readonly metadata: readonly Metadatum[]; readonly pages: Iterable<SourcePage> }

/** A part that was read, with its place for the locations in it. */
type Part = { readonly path: string; readonly root: Element }

type Parts = {
  /** The part at a location that stands in the part at `from`; null where the package has none. */
  read(location: string, from: string): Part | null
}

type Templates = ReadonlyMap<string, { readonly zOrder: string; readonly part: Part }>

const pageSize: readonly [number, number] = [210, 297]

/**
 * Reads the package.
 * @throws ParseFailure `encrypted`, `damaged` where a part that is needed is missing; LimitError
 */
export function readPackage(bytes: Uint8Array): OfdPackage {
  const entries = unzip(bytes, (name) => /\.xml$/i.test(name))
  const parts = makeParts(entries)
  if (Object.keys(entries).some((name) => /^\/?encryptions\.xml$/i.test(name))) throw new ParseFailure('encrypted')
  const main = parts.read('OFD.xml', '')
  if (main === null) throw damaged('OFD.xml is missing')
  const bodies = childrenOf(main.root, 'DocBody')
  const metadata = bodies.flatMap((body, index) => readInfo(body, index + 1))
  return { metadata, pages: readBodies(bodies, main, parts) }
}

function* readBodies(bodies: readonly Element[], main: Part, parts: Parts): Generator<SourcePage> {
  let count = 0
  for (const [index, body] of bodies.entries()) {
    const location = childOf(body, 'DocRoot')?.text.trim() ?? ''
    const document = location === '' ? null : parts.read(location, main.path)
    if (document === null) throw damaged(`document ${location || index + 1} is missing`)
    for (const page of readPages(document, parts)) {
      enforceLimit('pagesMax', ++count)
      yield page
    }
  }
}

/** Parts by their path whatever its case; a location is meant from the part it stands in or from the root. */
function makeParts(entries: Readonly<Record<string, Uint8Array>>): Parts {
  const byPath = new Map(Object.entries(entries).map(([name, bytes]) => [normalize(name).toLowerCase(), bytes]))
  const read: Parts['read'] = (location, from) => {
    const written = location.trim().replaceAll('\\', '/')
    const folder = from.slice(0, from.lastIndexOf('/') + 1)
    const places = written.startsWith('/') ? [written] : [folder + written, written]
    for (const place of places) {
      const path = normalize(place)
      const bytes = byPath.get(path.toLowerCase())
      if (bytes !== undefined) return { path, root: parseXml(bytes, path) }
    }
    return null
  }
  return { read }
}

/** A path from the root of the package, without `.`, `..` and a leading slash. */
function normalize(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments.join('/')
}

/** Names as documents of other formats have them. */
const infoNames: readonly (readonly [string, string])[] = [
  ['Title', 'title'],
  ['Author', 'creator'],
  ['Subject', 'subject'],
  ['CreationDate', 'created'],
  ['ModDate', 'modified'],
  ['Creator', 'generator'],
]

function readInfo(body: Element, number: number): Metadatum[] {
  const info = childOf(body, 'DocInfo')
  return infoNames.flatMap(([element, name]): Metadatum[] => {
    const value = childOf(info, element)?.text.trim() ?? ''
    const path = `OFD.xml/DocBody[${number}]/DocInfo/${element}`
    return value === '' ? [] : [{ name, value, anchor: { path, page: null, box: null } }]
  })
}

function* readPages(document: Part, parts: Parts): Generator<SourcePage> {
  const common = childOf(document.root, 'CommonData')
  const locations = [
    ...(common === undefined ? [] : childrenOf(common, 'PublicRes')),
    ...(common === undefined ? [] : childrenOf(common, 'DocumentRes')),
  ]
  const defaultColorSpace = childOf(common, 'DefaultCS')?.text.trim() ?? null
  const resources = readResources(locations, document.path, parts, defaultColorSpace, null)
  const templates = readTemplates(common, document.path, parts)
  const annotations = readAnnotations(document, parts)
  for (const page of childOf(document.root, 'Pages')?.children ?? []) {
    const location = page.attributes.BaseLoc ?? childOf(page, 'BaseLoc')?.text ?? ''
    const part = parts.read(location, document.path)
    if (part === null) throw damaged(`page ${location} is missing`)
    const own = childrenOf(part.root, 'PageRes')
    const used = usedTemplates(part.root, templates)
    const areas = [part.root, ...used.map(({ root }) => root)].map((root) => childOf(root, 'Area'))
    const [width, height] = sizeOf([...areas, childOf(common, 'PageArea')])
    yield {
      width,
      height,
      layers: orderLayers(part.root, used),
      resources: own.length === 0 ? resources : readResources(own, part.path, parts, defaultColorSpace, resources),
      annotations: annotations.get(page.attributes.ID ?? '') ?? [],
    }
  }
}

/** The first of these areas that states a size. */
function sizeOf(areas: readonly (Element | undefined)[]): readonly [number, number] {
  for (const area of areas) {
    const [, , width, height] = numbersOf(childOf(area, 'PhysicalBox')?.text, 4) ?? []
    if (width !== undefined && height !== undefined && width > 0 && height > 0) return [width, height]
  }
  return pageSize
}

function readTemplates(common: Element | undefined, from: string, parts: Parts): Templates {
  const templates = new Map<string, { zOrder: string; part: Part }>()
  for (const template of common === undefined ? [] : childrenOf(common, 'TemplatePage')) {
    const { ID = '', BaseLoc = '', ZOrder = 'Background' } = template.attributes
    const part = parts.read(BaseLoc, from)
    if (part === null) throw damaged(`template ${BaseLoc} is missing`)
    templates.set(ID, { zOrder: ZOrder, part })
  }
  return templates
}

type UsedTemplate = { readonly zOrder: string; readonly root: Element }

function usedTemplates(page: Element, templates: Templates): UsedTemplate[] {
  return childrenOf(page, 'Template').flatMap(({ attributes }): UsedTemplate[] => {
    const template = templates.get(attributes.TemplateID ?? '')
    return template === undefined ? [] : [{ zOrder: attributes.ZOrder ?? template.zOrder, root: template.part.root }]
  })
}

/** Backgrounds, then bodies, then foregrounds; among equals templates first, then in the order of the source. */
function orderLayers(page: Element, templates: readonly UsedTemplate[]): Element[] {
  const layersOf = (root: Element): Element[] =>
    childrenOf(root, 'Content').flatMap((content) => childrenOf(content, 'Layer'))
  const placed = [
    ...templates.flatMap(({ zOrder, root }) => layersOf(root).map((layer) => ({ level: levelOf(zOrder), layer }))),
    ...layersOf(page).map((layer) => ({ level: levelOf(layer.attributes.Type), layer })),
  ]
  return placed.sort((a, b) => a.level - b.level).map(({ layer }) => layer)
}

function levelOf(type: string | undefined): number {
  return type === 'Background' ? 0 : type === 'Foreground' ? 2 : 1
}

function readResources(
  locations: readonly Element[],
  from: string,
  parts: Parts,
  defaultColorSpace: string | null,
  base: Resources | null,
): Resources {
  const drawParams = new Map(base?.drawParams)
  const composites = new Map(base?.composites)
  const colorSpaces = new Map(base?.colorSpaces)
  const media = new Map(base?.media)
  const kinds = { DrawParam: drawParams, CompositeGraphicUnit: composites, ColorSpace: colorSpaces, MultiMedia: media }
  for (const location of locations) {
    // One that is missing leaves what refers to it as no viewer could show it either.
    const part = parts.read(location.text, from)
    for (const group of part?.root.children ?? []) {
      for (const resource of group.children) {
        const kind = kinds[resource.name as keyof typeof kinds]
        if (kind !== undefined && resource.attributes.ID !== undefined) kind.set(resource.attributes.ID, resource)
      }
    }
  }
  return { drawParams, composites, colorSpaces, media, defaultColorSpace }
}

/** Annotations that are shown, by the ID of their page. */
function readAnnotations(document: Part, parts: Parts): Map<string, Element[]> {
  const found = new Map<string, Element[]>()
  const location = childOf(document.root, 'Annotations')?.text.trim() ?? ''
  const list = location === '' ? null : parts.read(location, document.path)
  for (const page of list === null ? [] : childrenOf(list.root, 'Page')) {
    const part = parts.read(childOf(page, 'FileLoc')?.text ?? '', list!.path)
    const shown =
      part === null ? [] : childrenOf(part.root, 'Annot').filter((one) => one.attributes.Visible !== 'false')
    found.set(page.attributes.PageID ?? '', [...(found.get(page.attributes.PageID ?? '') ?? []), ...shown])
  }
  return found
}
