/**
 * DOC (Word 97 to 2003, and WPS that writes the same) to a Document, by [MS-DOC]. Text and properties lie apart in such a
 * file: the piece table says where each character is, pages of properties say of which paragraph it is and how it looks,
 * and the mark at the end of a table row says where each cell begins and ends and which are merged. All of it is read,
 * since a tool that gives the text alone loses blank and merged cells. Where the properties are damaged, word-extractor
 * gives that text: its fields are counted only from the start of their line, and a notice says so.
 */
import WordExtractor from 'word-extractor'
import type { Block, Document, Notice } from './document.ts'
import { damaged, ParseFailure } from './failure.ts'
import { layOut } from './flow.ts'
import { LimitError } from './limits.ts'
import { readOle } from './ole.ts'
import { parseText } from './text.ts'
import { openWordFile, type WordFile } from './wordfile.ts'
import { readStory } from './wordstory.ts'

/**
 * The document of some DOC bytes.
 * @throws LimitError; ParseFailure `damaged`, `encrypted`, or `unsupported_format` for Word 6.0 and 95
 */
export async function parseWord97(bytes: Uint8Array): Promise<Document> {
  const file = openWordFile(readOle(bytes))
  const notices: Notice[] = []
  let blocks: Block[]
  let engine = 'gouji'
  try {
    blocks = readBlocks(file, notices)
  } catch (error) {
    if (error instanceof LimitError || !(error instanceof ParseFailure || error instanceof RangeError)) throw error
    notices.length = 0
    blocks = await readTextOnly(bytes, notices)
    engine = 'word-extractor'
  }
  return {
    format: 'doc',
    mediaType: 'application/msword',
    engine,
    encoding: null,
    title: null,
    metadata: [],
    blocks,
    notices,
  }
}

function readBlocks(file: WordFile, notices: Notice[]): Block[] {
  const { flow, images } = readStory(file, notices)
  return layOut(flow, images, notices)
}

/** The text alone, cells apart by tabs and rows by lines. */
async function readTextOnly(bytes: Uint8Array, notices: Notice[]): Promise<Block[]> {
  let text: string
  try {
    const document = await new WordExtractor().extract(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    text = [document.getBody(), document.getTextboxes()].join('\n')
  } catch (error) {
    throw damaged(error instanceof Error ? error.message.slice(0, 200) : String(error))
  }
  const parts = parseText(text)
  notices.push({ code: 'markup_repaired', anchor: null, data: { what: 'layout of the tables lost' } }, ...parts.notices)
  return [...parts.blocks]
}
