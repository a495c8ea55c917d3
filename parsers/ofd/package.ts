/**
 * What an OFD package holds (GB/T 33190-2016, clause 7), without anything being drawn: takes the bytes of the zip, gives
 * its documents with what they say about themselves, and for each page its size and the layers to draw, those of its
 * templates among them, in the order of drawing.
 */
import { listEntries, unzip } from '../archive.ts'
import type { Metadatum } from '../document.ts'
import { damaged, ParseFailure } from '../failure.ts'
import { enforceLimit } from '../limits.ts'
import { childOf, childrenOf, type Element, flagOf, numbersOf, parseXml } from './xml.ts'

/** A picture or another file of the package; `places` are the paths that its location may mean. */
export type Medium = { readonly element: Element; readonly places: readonly string[] }

/** What pages refer to by ID. */
export type Resources = {
  readonly drawParams: ReadonlyMap<string, Element>
  readonly composites: ReadonlyMap<string, Element>
  readonly colorSpaces: ReadonlyMap<string, Element>
  readonly media: ReadonlyMap<string, Medium>
  /** Those that the package holds. */
  readonly fonts: ReadonlyMap<string, Element>
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
  /** Stamps, watermarks, remarks and what was typed: they lie on the page. */
  readonly annotations: readonly Element[]
}

/** `pages` are read as they are asked for, since all their trees together may be large; reading them may throw. */
export type OfdPackage = {
  readonly metadata: readonly Metadatum[]
  readonly pages: Iterable<SourcePage>
  /** The bytes of a file that is no XML, from the first of these places where there is one; null where there is none. */
  file(places: readonly string[]): Uint8Array | null
}

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
  return { metadata, pages: readBodies(bodies, main, parts), file: makeFiles(bytes) }
}

/** Names are looked up before anything is unpacked: a package may name many files that it does not have. */
function makeFiles(bytes: Uint8Array): OfdPackage['file'] {
  const entries = new Map(listEntries(bytes).map(({ name }) => [normalize(name).toLowerCase(), name]))
  return (places) => {
    const place = places.find((one) => entries.has(one.toLowerCase()))
    const wanted = place === undefined ? undefined : entries.get(place.toLowerCase())
    return wanted === undefined ? null : (unzip(bytes, (name) => name === wanted)[wanted] ?? null)
  }
}

function* readBodies(bodies: readonly Element[], main: Part, parts: Parts): Generator<SourcePage> {
  let count = 0
  for (const [index, body] of bodies.entries()) {
    const document = readRoot(body, main, parts)
    if (document === null) throw damaged(`document ${index + 1} is missing`)
    for (const page of readPages(document, parts)) {
      enforceLimit('pagesMax', ++count)
      yield page
    }
  }
}

/** The document of a body: its current version where it has several (clause 18.1). */
function readRoot(body: Element, main: Part, parts: Parts): Part | null {
  const versions = childrenOf(body, 'Versions').flatMap((all) => childrenOf(all, 'Version'))
  const current = versions.find((one) => flagOf(one, 'Current', false))
  const holder =
    current === undefined ? { ...main, root: body } : parts.read(current.attributes.BaseLoc ?? '', main.path)
  const location = childOf(holder?.root, 'DocRoot')?.text.trim() ?? ''
  return holder === null || location === '' ? null : parts.read(location, holder.path)
}

/** Parts by their path whatever its case; a location is meant from the part it stands in or from the root. */
function makeParts(entries: Readonly<Record<string, Uint8Array>>): Parts {
  const byPath = new Map(Object.entries(entries).map(([name, bytes]) => [normalize(name).toLowerCase(), bytes]))
  const read: Parts['read'] = (location, from) => {
    for (const path of placesOf(location, from)) {
      const bytes = byPath.get(path.toLowerCase())
      if (bytes !== undefined) return { path, root: parseXml(bytes, path) }
    }
    return null
  }
  return { read }
}

/** The paths that a location in the part at `from` may mean: from there, or from the root. */
function placesOf(location: string, from: string): string[] {
  const written = location.trim().replaceAll('\\', '/')
  const folder = from.slice(0, from.lastIndexOf('/') + 1)
  return (written.startsWith('/') ? [written] : [folder + written, written]).map(normalize)
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
  const fonts = new Map(base?.fonts)
  const kinds = { DrawParam: drawParams, CompositeGraphicUnit: composites, ColorSpace: colorSpaces }
  for (const location of locations) {
    // One that is missing leaves what refers to it as no viewer could show it either.
    const part = parts.read(location.text, from)
    for (const group of part?.root.children ?? []) {
      for (const resource of group.children) {
        const kind = kinds[resource.name as keyof typeof kinds]
        const id = resource.attributes.ID
        if (id === undefined) continue
        kind?.set(id, resource)
        if (resource.name === 'Font' && childOf(resource, 'FontFile') !== undefined) fonts.set(id, resource)
        if (resource.name === 'MultiMedia') media.set(id, { element: resource, places: mediaPlaces(resource, part!) })
      }
    }
  }
  return { drawParams, composites, colorSpaces, media, fonts, defaultColorSpace }
}

/** A resource file states the folder of its files; writers disagree whether their names begin there. */
function mediaPlaces(medium: Element, { path, root }: Part): string[] {
  const file = childOf(medium, 'MediaFile')?.text.trim() ?? ''
  if (file === '') return []
  const folder = root.attributes.BaseLoc?.trim() ?? ''
  return folder === '' ? placesOf(file, path) : [...placesOf(`${folder}/${file}`, path), ...placesOf(file, path)]
}

/** Annotations that are shown, by the ID of their page. */
function readAnnotations(document: Part, parts: Parts): Map<string, Element[]> {
  const found = new Map<string, Element[]>()
  const location = childOf(document.root, 'Annotations')?.text.trim() ?? ''
  const list = location === '' ? null : parts.read(location, document.path)
  for (const page of list === null ? [] : childrenOf(list.root, 'Page')) {
    const part = parts.read(childOf(page, 'FileLoc')?.text ?? '', list!.path)
    const shown = part === null ? [] : childrenOf(part.root, 'Annot').filter((one) => flagOf(one, 'Visible', true))
    found.set(page.attributes.PageID ?? '', [...(found.get(page.attributes.PageID ?? '') ?? []), ...shown])
  }
  return found
}
