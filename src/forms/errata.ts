/**
 * Corrections that a report prints of itself: takes the blocks of a document, gives a notice for each paragraph in which it
 * says that a figure is wrong and what it should be. The tables stay as they are printed: which table the words mean, and
 * whether it was set right since, only a person can tell.
 */
import type { Block, Notice } from '../../parsers/document.ts'
import type { ReadingNoticeCode } from '../model.ts'

const correction = /更正|勘误|订正|更改说明|笔误|(?:数据|填报|统计|数字|表述|内容)(?:有误|错误)/
const instead =
  /(?:应为|应当为|应是|更正为|订正为|修正为|修改为|改为|更改为)[^，。；]{0,12}[\d零一二三四五六七八九十百]|以(?:此|本|更正|修改|下)[^，。；]{0,16}为准/
/** A quoted figure and the one to be put in its place, whatever it is called: “12”应为“14”. */
const quoted =
  /[“"「][^”"」]{0,20}\d[^”"」]{0,8}[”"」](?:有误，?)?(?:应为|应当为|应是|更正为|修改为|改为)[“"「][^”"」]{0,20}\d/
/** Longer paragraphs are prose, in which a word of these may stand for anything. */
const paragraphMax = 600
const textMax = 200

/** What a document says to be wrong in itself. */
export function noticeErrata(blocks: readonly Block[]): Notice<ReadingNoticeCode>[] {
  return blocks.flatMap((block): Notice<ReadingNoticeCode>[] => {
    if (block.kind !== 'paragraph' || block.text.length > paragraphMax || !/[为准]/.test(block.text)) return []
    const text = block.text.replace(/\s+/g, '')
    if (!quoted.test(text) && !(correction.test(text) && instead.test(text))) return []
    return [{ code: 'erratum', anchor: block.anchor, data: { text: block.text.trim().slice(0, textMax) } }]
  })
}
