/** How much a text looks like Chinese that was decoded rightly: takes text, gives a share. Nothing is known here of encodings. */

/**
 * The characters most frequent in Chinese prose and in the reports' own vocabulary, simplified and traditional: about
 * half of any real text, under a twentieth of text decoded wrongly.
 */
const frequent = new Set(
  '的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运' +
    '章废止现行有效件数规范性许可处罚强制收费单位元申请人自然商业企科研机构社会益组织律服务其他总计结转度办理予以部分区属于秘密禁止危及稳保护第三方合权益类事项程执案卷查询供掌握需另补正仍明确信访举报投诉重复求版物由量批认获逾期缴纳维持纠错尚未审复议诉讼起直接' +
    '這個們來為國會說時對發後過還進從實軍無與長機關點業將兩間問應戰頭體見產話代內給門員論處義幾認條氣題變東聲兒電數報結決總統區隊場計資紀許務師觀讓識帶導爭運規範圍補訴訟審議複請開類項權組織單費廢現執辦轉護獲繳納維錯經學動當種樣個麼' +
    '，。、；：“”（）《》〔〕！？０１２３４５６７８９％－—…　',
)

/** What a character says of a text: `plain` is printable ASCII, `control` what no text has of ASCII, `wide` any other. */
const [plain, control, good, bad, accented, wide] = [0, 1, 2, 3, 4, 5] as const
const kinds = Uint8Array.from({ length: 0x10000 }, (_, code) => kindOf(code))

function kindOf(code: number): number {
  if (code < 0x20 && code !== 9 && code !== 10 && code !== 13 && code !== 12) return control
  if (code < 0x7f) return plain
  if (isImplausible(code)) return bad
  if (frequent.has(String.fromCharCode(code))) return good
  // Accented letters are a text of their own, where they are few among ASCII.
  return code < 0x180 ? accented : wide
}

/**
 * How much a decoded text looks like one, about -5 to 1: the share of frequent characters among all that are not ASCII,
 * less the share of those that no report contains.
 */
export function plausibility(text: string): number {
  const counts = countKinds(text)
  const strange = counts[control]! + counts[bad]!
  const all = counts[good]! + counts[bad]! + counts[accented]! + counts[wide]!
  if (all === 0) return strange === 0 ? 1 : -(5 * strange) / text.length
  return (counts[good]! + 0.3 * counts[accented]!) / all - (5 * strange) / (all + strange)
}

/** Nothing but the loop: V8 makes code of a long one while it runs, which gives up behind it time and again. */
function countKinds(text: string): number[] {
  const counts = [0, 0, 0, 0, 0, 0]
  for (let index = 0; index < text.length; index++) counts[kinds[text.charCodeAt(index)]!]!++
  return counts
}

/** Replacement character, controls, private use, Hangul, surrogates, rare ideographs, half-width kana. */
function isImplausible(code: number): boolean {
  return (
    code < 0xa0 ||
    (code >= 0x0590 && code < 0x2000) ||
    (code >= 0x3400 && code < 0x4dc0) ||
    (code >= 0xa000 && code < 0xf900) ||
    (code >= 0xff61 && code < 0xffa0) ||
    code >= 0xfff0
  )
}

const gibberishMin = 200
/** Chinese decoded as another Chinese encoding is far below this. */
const gibberishMax = -0.1

/** True for Chinese characters that nobody writes one after another: what they are of was decoded wrongly. `part`: see below. */
export function isGibberish(part: string): boolean {
  if (part.length < gibberishMin || plausibility(part) >= gibberishMax) return false
  let han = 0
  for (let index = 0; index < part.length; index++) {
    const code = part.charCodeAt(index)
    if (code >= 0x3400 && code < 0xa000) han++
  }
  return han * 2 >= part.length
}

/** So many characters that are not ASCII tell how a text of any length was decoded. */
const tellingCharacters = 1_000
const sampleCharacters = 64 * 1024
const printableAscii = /[\t\n\r -~]+/g
const telling = /[^\t\n\r -~]/

/** What tells of a text how it was decoded: its first characters but for printable ASCII, however far from its beginning. */
export function tellingPart(text: string): string {
  const start = text.search(telling)
  if (start < 0) return ''
  const most = text.slice(start, start + sampleCharacters).replace(printableAscii, '')
  return most.slice(0, tellingCharacters)
}
