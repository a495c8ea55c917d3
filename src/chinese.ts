/**
 * Chinese characters told apart by nothing but the script reform, or by the shape's being a radical's too: pages of the
 * mainland that a mirror, an encyclopedia or an old Big5 system carries print 規範性文件 for 规范性文件, what was copied out of
 * a PDF says ⺠ for 民. For comparing only: what is printed is kept as printed.
 */

import { Converter } from 'opencc-js/t2cn'
import { unified } from '../parsers/radicals.ts'

const convert = Converter({ from: 't', to: 'cn' })
/** Simplified form by character code; of Chinese characters worked out when first met, of radicals never; 0: not yet. */
const simplifiedCodes = new Uint16Array(0x10000).map((_, code) =>
  (code >= 0x4e00 && code <= 0x9fff) || (code >= 0x2e80 && code <= 0x2fdf) ? 0 : code,
)

/** The text with each traditional character and radical in its simplified form, at the same place; else the same text. */
export function simplified(text: string): string {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (simplifiedCodes[code] === code) continue
    const isRadical = code >= 0x2e80 && code <= 0x2fdf
    if (isRadical || simplifiedCode(code) !== code) return convertAll(unified(text))
  }
  return text
}

function convertAll(text: string): string {
  let result = ''
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    result += code >= 0x4e00 && code <= 0x9fff ? String.fromCharCode(simplifiedCode(code)) : text[index]
  }
  return result
}

function simplifiedCode(code: number): number {
  let known = simplifiedCodes[code]!
  if (known === 0) {
    const converted = convert(String.fromCharCode(code))
    known = converted.length === 1 ? converted.charCodeAt(0) : code
    simplifiedCodes[code] = known
  }
  return known
}
