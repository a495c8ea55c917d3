/**
 * Radicals that stand for characters: a font has one shape for 民 and the radical ⺠, and a PDF whose producer noted the
 * radical gives that one to who copies from it. Source: Unicode, EquivalentUnifiedIdeograph.txt and, for U+2F00 to U+2FD5,
 * the compatibility decompositions of UnicodeData.txt.
 */

const supplementFrom = 0x2e80
/** For U+2E80 to U+2EF3 in order; a full stop where there is none. */
const supplement = [
  '.厂乛乚乙亻冂几刀刂卜㔾小小兀尣',
  '尢尣巳幺彑彐忄心扌攵.旡日月歺母',
  '民氵氺灬爫爫丬牛犭王疋目示礻竹糹',
  '纟罓罒罓罓罓羊羊羊耂肀聿肉臼艹艹',
  '艹虎衤覀西见角角讠贝足车辶辶辶邑',
  '钅長镸长门阜阝雨青韦页风飞食飠飠',
  '饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜',
  '龙龜亀龟',
].join('')

/** The text with each radical as the character that looks the same, at the same place. */
export function unified(text: string): string {
  return text.replace(/[\u2e80-\u2fdf]/g, (radical) => {
    const code = radical.charCodeAt(0)
    if (code >= 0x2f00) return radical.normalize('NFKC')
    const character = supplement[code - supplementFrom] ?? '.'
    return character === '.' ? radical : character
  })
}
