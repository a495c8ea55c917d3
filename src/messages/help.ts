/**
 * What `--help` says, and what is said of a command line that makes no sense. The type of the Chinese texts is the keys
 * of the English ones, so that none can be missing.
 */
import { fill } from './fill.ts'
import type { Lang } from './labels.ts'
import { catalogues } from './render.ts'

const en = {
  program: 'Turns published statistical reports into audited data: every cell read exactly, every figure reconciled.',
  exitCodes:
    'Exit codes: 0 fine, 1 findings at or above --fail-on, 2 wrong usage or something to be mended first, 3 some documents failed, 130 interrupted.',
  usageTitle: 'Usage:',
  argumentsTitle: 'Arguments:',
  optionsTitle: 'Options:',
  globalOptionsTitle: 'Global Options:',
  commandsTitle: 'Commands:',
  optionsPlace: '[options]',
  commandPlace: '[command]',
  choices: '[ (choices: {choices})][ (default: {preset})]',
  help: 'display help for command',
  version: 'output the version number',
  store: 'folder or postgres:// URL that holds the data (default: gouji-data, or GOUJI_STORE)',
  lang: 'language of messages (default: GOUJI_LANG, or from the locale)',
  json: 'log lines on stderr as JSON objects',
  quiet: 'nothing on stderr but errors',
  ingest: 'read documents into the store; known ones change nothing',
  paths: 'files, directories, ZIP archives, globs, or - for standard input as one document',
  jobs: 'documents read at the same time (default: GOUJI_JOBS, or one for each processor)',
  exclude: 'leave out files of this name (repeatable)',
  retry: 'read again what failed: alone, or among the paths given',
  retryReason: 'with --retry: only what failed for this reason',
  retryKind: 'with --retry: only this kind of file',
  retryReader: 'with --retry: only what this version of the reader failed on',
  auditAfter: 'write the audit report afterwards',
  extract: 'read documents and print what they say, one JSON object a document; nothing is stored',
  format: 'form of the output',
  inspect: 'show how a document is understood: blocks, grids, match, facts, rules; a page of PDF or OFD as svg',
  page: 'the page to draw as svg (1)',
  document: 'one document, archive.zip!/document, or -',
  reports: 'list what is stored',
  audit: 'the findings of all stored reports; without --format, the audit report is written and its place printed',
  outAudit: 'write to this file instead of stdout; DIR/ for several workbooks or a letter for each agency',
  baseline: 'with sarif: an earlier SARIF file of gouji, to say what is new, changed or gone',
  due: 'with letter: last day for the answer, 2026-03-31; left open where nothing is said',
  failOn: 'exit with 1 where there are such findings',
  findings: 'what is wrong, finding by finding, and what was decided about it',
  findingsList: 'list findings',
  findingsShow: 'one finding with its cells, its figures and its history',
  findingsConfirm: 'confirm findings',
  findingsDismiss: 'dismiss findings, with the reason',
  findingsReturn: 'note that findings were sent back to the agency',
  findingsReopen: 'open findings again',
  findingId: 'id of a finding, or its first digits',
  findingState: 'only findings in this state (repeatable)',
  findingSeverity: 'only findings of this severity (repeatable)',
  findingFault: 'only findings for which this is at fault (repeatable)',
  findingRule: 'only findings of this rule; t3* for all that begin so',
  findingAgency: 'only agencies whose name contains this',
  findingYear: 'only reports on this year',
  why: 'why',
  by: 'who decides; the user of this machine where nothing is said',
  agencies: 'who must publish, who is below whom',
  agenciesImport: 'take in a list of agencies (CSV)',
  agenciesList: 'what is known of agencies',
  agenciesCoverage:
    'who has published on a year, who late, who not at all; exits with 1 where a report is missing or late',
  coverageYear: 'the year reported on',
  agencyFile: 'CSV with the columns agency, parent, counted_in_parent, may_make_regulations, level, since, until',
  diff: 'what differs between two revisions, readings, years or agencies; exits with 1 where anything does',
  readingName: 'AGENCY@YEAR, AGENCY@YEAR#REVISION, or the first digits of a SHA-256; ~1 behind it: the reading before',
  recheck: 'judge all stored reports anew by the rules that need other reports',
  export: 'write reports, facts, findings and the dictionary of codes; without --out, the facts on stdout',
  outFolder: 'folder for the files',
  bom: 'begin CSV files with a byte order mark, for spreadsheets',
  query: 'ask the store with SQL, reading only',
  sql: 'one SELECT over reports, facts, findings, runs, run_items',
  limit: 'most rows to print',
  forms: 'the forms that reports are read by',
  formsList: 'all forms',
  formsShow: 'rows, columns and rules of one form',
  formId: 'id of a form',
  formsCheck: 'say whether a definition is valid, or all that is wrong with it and where',
  formsCrosswalk: 'which cells of different forms are one series, and how far they can be compared',
  pdfEngine: 'how PDF is read: by PDFium and by pdf-parse where needed, by one alone, by both (also GOUJI_PDF_ENGINE)',
  form: 'definition of a form to read by beside those of gouji (repeatable; also GOUJI_FORMS)',
  formFile: 'definition of a form',
  rulesFile: 'rules of your own for a form (repeatable; also GOUJI_RULES)',
  rulesAbout: 'what figures are held against',
  rulesList: 'all rules, or those of one form',
  rulesShow: 'one rule: its formula, why it must hold, who says so, examples',
  rulesTest: 'run the examples of the rules',
  rulesLint: 'find rules that contradict each other, follow from others, or can never break',
  ruleId: 'id of a rule',
  runs: 'what was taken in, and what became of each input',
  runsList: 'all runs, the latest first',
  runsShow: 'the manifest of one run',
  runId: 'id of a run; the latest where none is given',
  doctor: 'what works on this machine, and what to install',
  schema: 'print the JSON Schema of what extract prints, of the definition of a form, or of rules for one',
  schemaOf: 'which schema',
  wholeNumber: 'a whole number from 1',
  calendarDay: 'a day such as 2026-03-31',
  unknownOption: 'there is no option {name}[ (similar: {similar})]',
  unknownCommand: 'there is no command {name}[ (similar: {similar})]',
  missingArgument: '<{name}> is missing',
  optionMissingArgument: '{name} needs a value',
  excessArguments: 'too many arguments[: at most {expected}, but there are {received}]',
  invalidArgument: '{name}: "{value}"[ ({allowed})]',
}

/** All texts of the help in one language. */
export type Help = { readonly [Key in keyof typeof en]: string }

const zh: Help = {
  program: '把已公开的统计报告变成经过核查的数据：逐格准确读取，逐项勾稽核对。',
  exitCodes:
    '退出码：0 正常；1 有达到 --fail-on 级别的问题；2 用法有误，或须先处理某个问题；3 部分文件读取失败；130 被中断。',
  usageTitle: '用法：',
  argumentsTitle: '参数：',
  optionsTitle: '选项：',
  globalOptionsTitle: '通用选项：',
  commandsTitle: '命令：',
  optionsPlace: '[选项]',
  commandPlace: '[命令]',
  choices: '[（可选：{choices}）][（默认：{preset}）]',
  help: '显示命令的用法',
  version: '显示版本号',
  store: '存放数据的目录或 postgres:// 地址（默认：gouji-data，或 GOUJI_STORE）',
  lang: '消息语言（默认：GOUJI_LANG，或依系统区域设置）',
  json: '标准错误上的日志逐行输出为 JSON 对象',
  quiet: '标准错误上只输出错误',
  ingest: '把文件读入库中；已有的文件不会引起变化',
  paths: '文件、目录、ZIP压缩包、通配符，或以 - 表示把标准输入作为一个文件',
  jobs: '同时读取的文件数（默认：GOUJI_JOBS，或每个处理器一个）',
  exclude: '略过此名称的文件（可重复）',
  retry: '重新读取失败的文件：可单独使用，也可限于给出的路径',
  retryReason: '与 --retry 合用：仅限因此原因失败的',
  retryKind: '与 --retry 合用：仅限此类文件',
  retryReader: '与 --retry 合用：仅限由此版本读取失败的',
  auditAfter: '完成后写出核查报告',
  extract: '读取文件并输出其内容，每个文件一个 JSON 对象；不入库',
  format: '输出格式',
  inspect: '显示一个文件是如何被理解的：内容块、表格、匹配、数据、规则；PDF和OFD的页面可绘成svg',
  page: '绘成svg的页码（1）',
  document: '一个文件，或 压缩包.zip!/文件，或 -',
  reports: '列出库中的报告',
  audit: '库中全部报告的问题；不加 --format 时写出核查报告并显示其位置',
  outAudit: '写入该文件而不是标准输出；以 目录/ 表示分成若干个工作簿，或为每个机关各写一封函',
  baseline: '与 sarif 合用：gouji 先前写出的 SARIF 文件，用以标明新增、变化和消失的问题',
  due: '与 letter 合用：反馈期限，如2026-03-31；不写则留空',
  failOn: '有此级别以上的问题时以 1 退出',
  findings: '逐条列出问题及其处理情况',
  findingsList: '列出问题',
  findingsShow: '显示一个问题：单元格、数据、处理经过',
  findingsConfirm: '确认问题',
  findingsDismiss: '排除问题，须说明理由',
  findingsReturn: '记录问题已退回机关',
  findingsReopen: '重新打开问题',
  findingId: '问题编号或其前几位',
  findingState: '只列该状态的问题（可重复）',
  findingSeverity: '只列该级别的问题（可重复）',
  findingFault: '只列该责任方的问题（可重复）',
  findingRule: '只列该规则的问题；以*结尾表示以此开头的所有规则',
  findingAgency: '只列名称含此文字的机关',
  findingYear: '只列该年度的报告',
  why: '理由',
  by: '作出决定的人；缺省为本机用户',
  agencies: '应当公布报告的机关及隶属关系',
  agenciesImport: '导入机关名单（CSV）',
  agenciesList: '列出已知的机关',
  agenciesCoverage: '某年度报告的公布情况：按时、逾期、未公布；有未公布或逾期的，退出码为1',
  coverageYear: '报告所属年度',
  agencyFile:
    'CSV，列名为agency、parent、counted_in_parent、may_make_regulations、level、since、until（也可用中文列名）',
  diff: '比较两个版次、两次读取、两个年度或两个机关；有不同时退出码为1',
  readingName: '“机关@年度”“机关@年度#版次”或SHA-256的前几位；后加~1表示前一次读取',
  recheck: '对库中全部报告重新核对跨报告的规则',
  export: '写出报告、数据、问题和代码表；不加 --out 时把数据写到标准输出',
  outFolder: '存放文件的目录',
  bom: '在 CSV 文件开头写字节顺序标记，供电子表格软件使用',
  query: '用 SQL 查询数据库，只读',
  sql: '一条 SELECT 语句，可查询 reports、facts、findings、runs、run_items',
  limit: '最多输出的行数',
  forms: '读取报告所依据的表式',
  formsList: '全部表式',
  formsShow: '一个表式的行、列和规则',
  formId: '表式的编号',
  formsCheck: '检查一个表式定义是否有效，指出全部错误所在',
  formsCrosswalk: '不同表式的哪些单元格是同一序列、能在多大程度上比较',
  pdfEngine:
    'PDF的读取方式：auto先用PDFium、必要时用pdf-parse复读，也可只用一种或两种都用（也可用GOUJI_PDF_ENGINE指定）',
  form: '另外载入的表式定义（可重复；也可用 GOUJI_FORMS 指定）',
  formFile: '表式定义文件',
  rulesFile: '为某一表式自定的规则（可重复；也可用GOUJI_RULES）',
  rulesAbout: '核对规则',
  rulesList: '列出全部规则或某一表式的规则',
  rulesShow: '显示一条规则：公式、理由、依据、示例',
  rulesTest: '运行规则的示例',
  rulesLint: '找出相互矛盾、可由其他规则推出或永远不会不符的规则',
  ruleId: '规则编号',
  runs: '每一批读入了什么，每个输入的结果如何',
  runsList: '全部批次，最近的在前',
  runsShow: '一个批次的清单',
  runId: '批次编号；不写则为最近一批',
  doctor: '检查本机哪些可用、还需安装什么',
  schema: '输出 extract 所输出内容、表式定义或自定规则的 JSON Schema',
  schemaOf: '哪一种',
  wholeNumber: '从 1 起的整数',
  calendarDay: '日期，如2026-03-31',
  unknownOption: '没有选项 {name}[（相近的有：{similar}）]',
  unknownCommand: '没有命令 {name}[（相近的有：{similar}）]',
  missingArgument: '缺少 <{name}>',
  optionMissingArgument: '{name} 需要一个值',
  excessArguments: '参数过多[：最多 {expected} 个，给出了 {received} 个]',
  invalidArgument: '{name}：“{value}”[（{allowed}）]',
}

/** The texts of the help by language. */
export const helps: { readonly zh: Help; readonly en: Help } = { zh, en }

/** A text with its slots filled in. */
export function fillHelp(key: keyof Help, slots: Readonly<Record<string, string>>, lang: Lang): string {
  return fill(helps[lang][key], slots, catalogues[lang])
}

/** The error of a command line, which commander words in English only: from its code and the values in its message. */
export function renderUsage(code: string, message: string, lang: Lang): string {
  const key = code.replace(/^commander\./, '')
  const told = (
    ['unknownOption', 'unknownCommand', 'missingArgument', 'optionMissingArgument', 'excessArguments'] as const
  ).find((one) => one === key)
  // The value is the user's, and may hold quotes of its own.
  const allowed = /\. (?:Allowed choices are )?(?<allowed>.*?)\.?$/s.source
  const invalid =
    new RegExp(`^error: option '(?<flags>[^']*)' argument '(?<value>.*)' is invalid${allowed}`, 's').exec(message) ??
    new RegExp(
      `^error: command-argument value '(?<value>.*)' is invalid for argument '(?<flags>.*?)'${allowed}`,
      's',
    ).exec(message)
  if (invalid?.groups) {
    const { flags = '', value = '', allowed = '' } = invalid.groups
    return fillHelp('invalidArgument', { name: flags.replace(/ .*/, ''), value, allowed }, lang)
  }
  if (told === undefined) return message.replace(/^error: /, '')
  const slots = {
    name: (/'(.*)'/s.exec(message)?.[1] ?? '').replace(/ <.*/, ''),
    similar: /\(Did you mean (?:one of )?(.*)\?\)$/.exec(message)?.[1] ?? '',
    expected: /Expected (\d+)/.exec(message)?.[1] ?? '',
    received: /got (\d+)/.exec(message)?.[1] ?? '',
  }
  return fillHelp(told, slots, lang)
}
