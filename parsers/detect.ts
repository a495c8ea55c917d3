/**
 * What bytes are, whatever their name or header says: takes bytes, gives a kind. Magic numbers first, then the entries
 * of a container, then markup, then whether it can be text at all.
 */
import { isUtf8 } from 'node:buffer'
import { listEntries } from './archive.ts'
import { decodeAs, wideEncoding } from './encoding.ts'

/** Kinds that are told apart. Those that no parser reads are named in the failure; `doc95` and `xls95` are found by parsers. */
export type Kind =
  | 'empty'
  | 'text'
  | 'html'
  | 'mhtml'
  | 'docx'
  | 'xlsx'
  | 'pptx'
  | 'ofd'
  | 'odt'
  | 'ods'
  | 'fodt'
  | 'fods'
  | 'zip'
  | 'pdf'
  | 'doc'
  | 'doc95'
  | 'xls'
  | 'xls95'
  | 'encrypted_office'
  | 'ole'
  | 'rtf'
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'bmp'
  | 'tiff'
  | 'webp'
  | 'rar'
  | '7z'
  | 'gzip'
  | 'xml'
  | 'spreadsheetml'
  | 'sylk'
  | 'dif'
  | 'json'
  | 'binary'

const magic: readonly (readonly [Kind, string])[] = [
  ['png', '89504e470d0a1a0a'],
  ['jpeg', 'ffd8ff'],
  ['gif', '47494638'],
  ['bmp', '424d'],
  ['tiff', '49492a00'],
  ['tiff', '4d4d002a'],
  ['rar', '526172211a07'],
  ['7z', '377abcaf271c'],
  ['gzip', '1f8b08'],
  ['rtf', '7b5c727466'],
]

/** Names of OLE streams, by what they hold; UTF-16 in the directory of the file. */
const oleStreams: readonly (readonly [Kind, string])[] = [
  ['encrypted_office', 'EncryptedPackage'],
  ['doc', 'WordDocument'],
  ['xls', 'Workbook'],
  ['xls', 'Book'],
]

/** Entries of a container by which its kind is known. */
const zipEntries: readonly (readonly [Kind, string])[] = [
  ['docx', 'word/document.xml'],
  ['xlsx', 'xl/workbook.xml'],
  ['pptx', 'ppt/presentation.xml'],
  ['ofd', 'OFD.xml'],
]

/** What the first entry of an ODF container says, which is stored as it is. */
const odfTypes: readonly (readonly [Kind, string])[] = [
  ['odt', 'mimetypeapplication/vnd.oasis.opendocument.text'],
  ['ods', 'mimetypeapplication/vnd.oasis.opendocument.spreadsheet'],
]

const headBytes = 16 * 1024
const archiveHeadBytes = 4 * 1024
/** Bytes in which control characters are counted. */
const controlBytes = 2 * 1024
const tag =
  /<(?:!doctype\s+html|html|head|body|meta|title|div|p|span|table|tbody|tr|td|br|font|h[1-6]|ul|ol|section|article|center|script|style|strong|b|img|a)(?:\s[^<>]{0,2000})?\/?>/i

/** The kind of some bytes. White space and a byte order mark alone are `empty`. */
export function detectKind(bytes: Uint8Array): Kind {
  if (isBlank(bytes)) return 'empty'
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headBytes))
  const hex = head.toString('hex', 0, 16)
  for (const [kind, start] of magic) if (hex.startsWith(start) && (kind !== 'bmp' || looksBmp(head))) return kind
  if (hex.startsWith('52494646') && head.toString('latin1', 8, 12) === 'WEBP') return 'webp'
  if (head.subarray(0, 1024).includes('%PDF-')) return 'pdf'
  if (hex.startsWith('d0cf11e0a1b11ae1')) return oleKind(bytes)
  if (hex.startsWith('504b0304') || hex.startsWith('504b0506')) return zipKind(bytes)
  // Valid UTF-8 without NULs is never UTF-16 text, and nearly all text is.
  const plain = !head.includes(0) && isUtf8(wholeCharacters(head))
  const wide = plain ? null : wideEncoding(bytes)
  if (wide !== null) return textKind(decodeAs(wide, head.subarray(0, head.length & ~3)))
  if (isBinary(head)) return 'binary'
  return textKind(head.toString('latin1'))
}

/** The bytes up to the last whole UTF-8 character. */
function wholeCharacters(head: Buffer): Buffer {
  let end = head.length
  while (end > 0 && end > head.length - 4 && (head[end - 1]! & 0xc0) === 0x80) end--
  return head.length < headBytes ? head : head.subarray(0, Math.max(0, end - 1))
}

function isBlank(bytes: Uint8Array): boolean {
  for (let index = 0; index < Math.min(bytes.length, headBytes); index++) {
    const byte = bytes[index]!
    const mark = index < 3 && (byte === 0xef || byte === 0xbb || byte === 0xbf)
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09 && !mark) return false
  }
  return bytes.length <= headBytes || !bytes.subarray(headBytes).some((byte) => byte > 0x20)
}

/** Two letters begin many a text: a bitmap also states its own size and has zeros behind it. */
function looksBmp(head: Buffer): boolean {
  return head.length > 26 && head.readUInt32LE(6) === 0
}

function oleKind(bytes: Uint8Array): Kind {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (const [kind, name] of oleStreams) if (buffer.includes(`${name}\0`, 0, 'utf16le')) return kind
  return 'ole'
}

function zipKind(bytes: Uint8Array): Kind {
  const head = bytes.subarray(0, archiveHeadBytes)
  const names = entryNames(bytes)
  if (names !== null) return kindOfArchive(names, head)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const parts = [Buffer.from(head), buffer.subarray(Math.max(0, buffer.length - 512 * 1024))]
  for (const [kind, name] of zipEntries) if (parts.some((part) => part.includes(name))) return kind
  return kindOfArchive(new Set(), head)
}

/**
 * What a zip is by the names of its entries and its first 4 kB. Names in its bytes alone do not tell: an archive of
 * documents holds those of the documents' own entries as well.
 */
export function kindOfArchive(names: ReadonlySet<string>, head: Uint8Array): Kind {
  const start = Buffer.from(head).subarray(0, archiveHeadBytes)
  const odf = odfTypes.find(([, type]) => start.includes(type))
  const known = new Set([...names].map(plainName))
  return (
    odf?.[0] ?? zipEntries.find(([, name]) => known.has(plainName(name)))?.[0] ?? (holdsText(known) ? 'docx' : 'zip')
  )
}

/** Some writers give the text of a DOCX a name of its own. */
function holdsText(names: ReadonlySet<string>): boolean {
  return names.has('[content_types].xml') && [...names].some((name) => /^word\/document\d+\.xml$/.test(name))
}

/** Some writers begin the names of entries at the root or at a dot, or do not mind their case. */
function plainName(name: string): string {
  return name.replace(/^(?:\.?\/)+/, '').toLowerCase()
}

/** Names in the directory of an archive; null where that cannot be read. */
function entryNames(bytes: Uint8Array): ReadonlySet<string> | null {
  try {
    return new Set(listEntries(bytes, 'bundleEntriesMax').map(({ name }) => name))
  } catch {
    return null
  }
}

/** NULs, or more control characters than any text has: no encoding of text explains them. */
function isBinary(head: Buffer): boolean {
  if (head.includes(0)) return true
  let control = 0
  const looked = Math.min(head.length, controlBytes)
  for (let index = 0; index < looked; index++) {
    const byte = head[index]!
    if (byte >= 0x20) continue
    if (!(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) control++
  }
  return control > Math.max(2, looked / 50)
}

/** The XML file that holds a whole document says of which type it is at its root; other programs' are named. */
const xmlKinds: readonly (readonly [Kind, RegExp])[] = [
  ['fodt', /<office:document\b[^>]{0,8000}\boffice:mimetype="application\/vnd\.oasis\.opendocument\.text"/],
  ['fods', /<office:document\b[^>]{0,8000}\boffice:mimetype="application\/vnd\.oasis\.opendocument\.spreadsheet"/],
  ['spreadsheetml', /<(?:\w+:)?Workbook\b[^>]{0,2000}\burn:schemas-microsoft-com:office:spreadsheet"/],
]

/** Text files of other programs, by how they begin. */
const textKinds: readonly (readonly [Kind, RegExp])[] = [
  ['sylk', /^ID;P/],
  ['dif', /^TABLE\r?\n\s*0,1\r?\n/],
  [
    'json',
    /^\s*(?:\u00ef\u00bb\u00bf)?(?:\[\s*(?:\[\s*(?:["[\]{\d-]|null|true|false)|\{\s*["}])|\{\s*"(?:[^"\\\n]|\\.){0,200}"\s*:)/,
  ],
]

function textKind(head: string): Kind {
  for (const [kind, start] of textKinds) if (start.test(head)) return kind
  if (head.includes('xmlns')) for (const [kind, root] of xmlKinds) if (root.test(head)) return kind
  if (
    /^(?:\u00ef\u00bb\u00bf)?\s*(?:From|MIME-Version|Date|Subject|Content-[\w-]+|X-[\w-]+):[^\n]*\r?\n/i.test(head) &&
    /^(?:MIME-Version:|Content-Type:\s*(?:multipart\/|text\/html))/im.test(head.slice(0, 4096)) &&
    /^Content-Type:\s*(?:multipart\/(?:related|alternative)|text\/html)/im.test(head.slice(0, 4096))
  ) {
    return 'mhtml'
  }
  if (head.includes('<') && tag.test(head)) return 'html'
  return /^\s*(?:\u00ef\u00bb\u00bf)?<\?xml/.test(head) ? 'xml' : 'text'
}
