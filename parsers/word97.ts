/**
 * DOC (Word 97 to 2003, and WPS that writes the same) to a Document, by [MS-DOC]. Text and properties lie apart in such a
 * file: the piece table says where each character is, pages of properties say of which paragraph it is and how it looks,
 * and the mark at the end of a table row says where each cell begins and ends and which are merged. All of it is read
 * here, since the libraries give the text alone: they lose merged cells, take a blank cell for the end of a row where the
 * marks are not looked up, and do not tell struck out figures from others. Where these properties cannot be read, the file
 * is damaged: text without them would give figures that look right.
 */
import type { Document, Notice } from './document.ts'
import { layOut } from './flow.ts'
import type { Streams } from './ole.ts'
import { openWordFile } from './wordfile.ts'
import { readStory } from './wordstory.ts'

/**
 * The document of the streams of a DOC.
 * @throws LimitError; ParseFailure `damaged`, `encrypted`, or `unsupported_format` for Word 6.0 and 95
 */
export function parseWord97(streams: Streams): Document {
  const notices: Notice[] = []
  const { flow, images } = readStory(openWordFile(streams), notices)
  return {
    format: 'doc',
    mediaType: 'application/msword',
    engine: '@e965/xlsx',
    encoding: null,
    title: null,
    metadata: [],
    ...layOut(flow, images, notices),
    notices,
  }
}
