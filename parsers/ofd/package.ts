/**
 * What an OFD package holds (GB/T 33190-2016, clause 7), without anything being drawn: takes the bytes of the zip, gives
 * its documents with what they say about themselves, and for each page its size and the layers to draw, those of its
 * templates among them, in the order of drawing.
 */
import { listEntries, unzip } from '../archive.ts'
import type { Metadatum } from '../document.ts'
import { damaged, ParseFailure } from '../failure.ts'
import { enforceLimit } from '../limits.ts'
import { type SealPicture, sealPicture } from './seals.ts'
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

/** A layer with what its page or template refers to. */
export type SourceLayer = { readonly element: Element; readonly resources: Resources }

/** A seal on a page: where it stands, in millimetres of the page, and its picture. */
export type Seal = { readonly stamp: Element; readonly picture: SealPicture | null }

export type SourcePage = {
  /** In millimetres. */
  readonly width: number
  readonly height: number
  /** Bottom first. */
  readonly layers: readonly SourceLayer[]
  /** Stamps, watermarks, remarks and what was typed: they lie on the page. */
  readonly annotations: readonly SourceLayer[]
  /** Those of its signatures, over all else. */
  readonly seals: readonly Seal[]
}

/** `pages` are read as they are asked for, since all their trees together may be large; reading them may throw. */
export type OfdPackage = {
  readonly metadata: readonly Metadatum[]
  readonly pages: Iterable<SourcePage>
  /** Names of the files that are attached to it. */
  readonly attachments: readonly string[]
  /** The bytes of a file that is no XML, from the first of these places where there is one; null where there is none. */
  file(places: readonly string[]): Uint8Array | null
}

/** A part that was read, with its place for the locations in it. */
type Part = { readonly path: string; readonly root: Element }

type Parts = {
  /** The part at a location that stands in the part at `from`; null where the package has none. */
  read(location: string, from: string): Part | null
}

/** Templates by their ID, read where a page uses them. @throws ParseFailure `damaged` */
type FindTemplate = (id: string) => Template
type Template = { readonly zOrder: string | undefined; readonly part: Part; readonly resources: Resources }

const pageSize: readonly [number, number] = [210, 297]

/**
 * Reads the package.
 * @throws ParseFailure `encrypted`, `damaged` where a part that is needed is missing; LimitError
 */
export function readPackage(bytes: Uint8Array): OfdPackage {
  const entries = unzip(bytes, (name) => /\.xml$/i.test(name))
  const parts = makeParts(entries)
  const file = makeFiles(bytes)
  if (listEntries(bytes).some(({ name }) => keyFiles.test(name))) throw new ParseFailure('encrypted')
  const main = parts.read('OFD.xml', '')
  if (main === null) throw damaged('OFD.xml is missing')
  const bodies = childrenOf(main.root, 'DocBody')
  const metadata = bodies.flatMap((body, index) => readInfo(body, index + 1))
  const attachments = bodies.flatMap((body) => readAttachments(readRoot(body, main, parts), parts))
  return { metadata, pages: readBodies(bodies, main, parts, file), attachments, file }
}

/** Names under which a package keeps how its parts are encrypted (GM/T 0099), wherever it does. */
const keyFiles = /(?:^|\/)(?:encryptions\.xml|decryptseed\.dat)$/i

/** Names are looked up before anything is unpacked: a package may name many files that it does not have. */
function makeFiles(bytes: Uint8Array): OfdPackage['file'] {
  const entries = new Map(listEntries(bytes).map(({ name }) => [normalize(name).toLowerCase(), name]))
  return (places) => {
    const place = places.find((one) => entries.has(one.toLowerCase()))
    const wanted = place === undefined ? undefined : entries.get(place.toLowerCase())
    return wanted === undefined ? null : (unzip(bytes, (name) => name === wanted)[wanted] ?? null)
  }
}

function* readBodies(
  bodies: readonly Element[],
  main: Part,
  parts: Parts,
  file: OfdPackage['file'],
): Generator<SourcePage> {
  let count = 0
  for (const [index, body] of bodies.entries()) {
    const document = readRoot(body, main, parts)
    if (document === null) throw damaged(`document ${index + 1} is missing`)
    const seals = readSeals(childOf(body, 'Signatures')?.text ?? '', main, parts, file)
    for (const page of readPages(document, parts, seals)) {
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

function* readPages(document: Part, parts: Parts, seals: ReadonlyMap<string, Seal[]>): Generator<SourcePage> {
  const common = childOf(document.root, 'CommonData')
  const locations = [
    ...(common === undefined ? [] : childrenOf(common, 'PublicRes')),
    ...(common === undefined ? [] : childrenOf(common, 'DocumentRes')),
  ]
  const defaultColorSpace = childOf(common, 'DefaultCS')?.text.trim() ?? null
  const resources = readResources(locations, document.path, parts, defaultColorSpace, null)
  const resourcesOf = ({ root, path }: Part): Resources => {
    const own = childrenOf(root, 'PageRes')
    return own.length === 0 ? resources : readResources(own, path, parts, defaultColorSpace, resources)
  }
  const findTemplate = makeTemplates(common, document.path, parts, resourcesOf)
  const annotations = readAnnotations(document, parts)
  for (const page of childOf(document.root, 'Pages')?.children ?? []) {
    const location = page.attributes.BaseLoc ?? childOf(page, 'BaseLoc')?.text ?? ''
    const part = parts.read(location, document.path)
    if (part === null) throw damaged(`page ${location} is missing`)
    const used = usedTemplates(part.root, findTemplate)
    const areas = [part, ...used.map((one) => one.part)].map(({ root }) => childOf(root, 'Area'))
    const [width, height] = sizeOf([...areas, childOf(common, 'PageArea')])
    const own = resourcesOf(part)
    const { ID = '' } = page.attributes
    yield {
      width,
      height,
      layers: orderLayers(part.root, own, used),
      annotations: (annotations.get(ID) ?? []).map((element) => ({ element, resources: own })),
      seals: seals.get(ID) ?? [],
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

function makeTemplates(
  common: Element | undefined,
  from: string,
  parts: Parts,
  resourcesOf: (part: Part) => Resources,
): FindTemplate {
  const stated = common === undefined ? [] : childrenOf(common, 'TemplatePage')
  const found = new Map<string, Template>()
  return (id) => {
    const known = found.get(id)
    if (known !== undefined) return known
    const { BaseLoc = '', ZOrder } = stated.find(({ attributes }) => attributes.ID === id)?.attributes ?? {}
    const part = BaseLoc === '' ? null : parts.read(BaseLoc, from)
    if (part === null) throw damaged(`template ${BaseLoc === '' ? id : BaseLoc} is missing`)
    const template = { zOrder: ZOrder, part, resources: resourcesOf(part) }
    found.set(id, template)
    return template
  }
}

function usedTemplates(page: Element, find: FindTemplate): Template[] {
  return childrenOf(page, 'Template').map(({ attributes }) => {
    const template = find(attributes.TemplateID ?? '')
    return { ...template, zOrder: attributes.ZOrder ?? template.zOrder ?? 'Background' }
  })
}

/** Backgrounds, then bodies, then foregrounds; among equals templates first, then in the order of the source. */
function orderLayers(page: Element, resources: Resources, templates: readonly Template[]): SourceLayer[] {
  const layersOf = (root: Element): Element[] =>
    childrenOf(root, 'Content').flatMap((content) => childrenOf(content, 'Layer'))
  const placed = [
    ...templates.flatMap(({ zOrder, part, resources: own }) =>
      layersOf(part.root).map((element) => ({ level: levelOf(zOrder), element, resources: own })),
    ),
    ...layersOf(page).map((element) => ({ level: levelOf(element.attributes.Type), element, resources })),
  ]
  return placed.sort((a, b) => a.level - b.level)
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

/** What is attached (clause 16), by the names that it is shown under. */
function readAttachments(document: Part | null, parts: Parts): string[] {
  const location = childOf(document?.root, 'Attachments')?.text.trim() ?? ''
  const list = document === null || location === '' ? null : parts.read(location, document.path)
  return (list === null ? [] : childrenOf(list.root, 'Attachment')).flatMap((one) => {
    const name = one.attributes.Name ?? childOf(one, 'FileLoc')?.text.trim() ?? ''
    return flagOf(one, 'Visible', true) && name !== '' ? [name] : []
  })
}

/** Signatures whose seals are looked at; those of more are taken for opaque. */
const sealsMax = 50

/** The seals of a document's signatures (clause 18.2), by the ID of their page. */
function readSeals(location: string, main: Part, parts: Parts, file: OfdPackage['file']): Map<string, Seal[]> {
  const found = new Map<string, Seal[]>()
  const list = location.trim() === '' ? null : parts.read(location, main.path)
  for (const [index, { attributes }] of (list === null ? [] : childrenOf(list.root, 'Signature')).entries()) {
    const part = parts.read(attributes.BaseLoc ?? '', list!.path)
    const stamps = childrenOf(childOf(part?.root, 'SignedInfo') ?? list!.root, 'StampAnnot')
    if (part === null || stamps.length === 0) continue
    const locations = [
      childOf(part.root, 'SignedValue'),
      childOf(childOf(childOf(part.root, 'SignedInfo'), 'Seal'), 'BaseLoc'),
    ].flatMap((one) => one?.text.trim() || [])
    const values = locations.flatMap((one) => file(placesOf(one, part.path)) ?? [])
    // Without its picture no viewer shows a seal.
    if (values.length === 0) continue
    const picture = index < sealsMax ? sealPicture(values) : null
    for (const stamp of stamps) {
      const { PageRef = '' } = stamp.attributes
      found.set(PageRef, [...(found.get(PageRef) ?? []), { stamp, picture }])
    }
  }
  return found
}
