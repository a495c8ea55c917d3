/**
 * Sentences of the prose of annual reports, written from how such reports are worded and without regard to what reads
 * them. `{received}` is a figure of the report itself under that code, `{x}` a figure that no table states; `[a|b]` is a
 * choice. Every third template of each list is held back from tuning.
 */

import { moreDisputes, moreFees, moreProactive, moreRequests, moreResults } from './prose-templates-more.ts'

export type ProseTemplate = {
  readonly text: string
  /** Flags that the sentence states of the report itself. */
  readonly flags?: readonly string[]
}

/** What a report says of requests: whole counts, results, and figures beside them that are not the report's. */
const requests: readonly ProseTemplate[] = [
  { text: '{Y}，{who}共收到{attr}政府信息公开申请{received}件。' },
  { text: '{Y}{who}[受理|新收|接收]政府信息公开申请{received}件，{sent}答复{processed}件。' },
  { text: '全年{who}收到{attr}依申请公开[政府信息|信息]申请[共|共计|合计]{received}件，[同比增长|较上年增长]{pct}。' },
  { text: '{Y}，{who}共收到政府信息公开申请{received}件，其中{own}本级{x}件，{other}{x}件。' },
  {
    text: '{Y}，{who}新收政府信息公开申请{received}件，上年结转{carried_over}件，办结{processed}件，结转下年度继续办理{carried_forward}件。',
  },
  { text: '{other}受理政府信息公开申请{x}件。' },
  { text: '{who}共办理政府信息公开申请，其中当面申请{x}件、网络申请{x}件、信函申请{x}件。' },
  { text: '{Y}收到申请人提交的政府信息公开申请{received}件，其中自然人申请{x}件，法人或其他组织申请{x}件。' },
  { text: '{Y-1}，{who}收到政府信息公开申请{x}件，{Y}收到{received}件。' },
  { text: '全年收到政府信息公开申请{received}[件|宗]，较{Y-1}[减少|增加]{x}[件|宗]。' },
  { text: '{own}办公室代表{own}受理政府信息公开申请{x}件。' },
  { text: '依申请公开工作有序开展，{Y}共受理依申请公开{received}件，均在法定期限内答复。' },
  { text: '本年度{who}收到公民、法人和其他组织提出的政府信息公开申请{received}件，[已全部答复|全部按期办结]。' },
  { text: '{who}累计收到各类政府信息公开申请{x}件（自《条例》施行以来）。' },
  { text: '自{Y-2}《条例》修订施行以来，累计受理政府信息公开申请{x}件。' },
  { text: '{Y}上半年收到政府信息公开申请{x}件，[三季度|下半年]收到{x}件。' },
  { text: '{Y}，{who}本年新收依申请公开件{received}件，上年度结转申请{carried_over}件。' },
  { text: '{Y}共收到政府信息公开申请{received}件（其中网络申请{x}件，信函申请{x}件），上年结转{carried_over}件。' },
  { text: '全年{who}收到依申请公开{received}件，通过[电子邮件|信函|门户网站]收到申请{x}件。' },
  { text: '{Y}{who}未收到[政府信息公开申请|依申请公开申请|任何政府信息公开申请]。', flags: ['received_none'] },
  { text: '{Y}，{who}没有收到公民、法人或其他组织提出的政府信息公开申请。', flags: ['received_none'] },
  { text: '本年度未接到依申请公开政府信息的申请，也未收取任何费用。', flags: ['received_none'] },
  { text: '{Y}，{who}未收到通过当面方式提出的政府信息公开申请。' },
  { text: '{Y}未收到政府信息公开行政复议申请。' },
  { text: '{other}未收到政府信息公开申请。' },
  { text: '{Y}，{who}没有收到要求更正政府信息的申请。' },
  { text: '{Y}，共收到依申请公开{received}件，[同比|比上年][上升|下降|增加]{pct}，[同比|比上年]多{x}件。' },
  { text: '{who}[承办|协助办理]市政府转来的政府信息公开申请{x}件。' },
  { text: '{Y}{who}收到政府信息公开申请 {received} 件，答复 {processed} 件，答复率100%。' },
  { text: '从申请内容看，涉及征地拆迁类申请{x}件，涉及财政资金类申请{x}件，涉及规划类申请{x}件。' },
  { text: '从申请方式看，当面申请{x}件，占{pct}；网上申请{x}件，占{pct}；信函申请{x}件，占{pct}。' },
  { text: '指导[各镇街|各部门|下属单位]答复政府信息公开申请{x}件。' },
  { text: '{Y}，{who}收到的政府信息公开申请数量为{received}件。' },
  { text: '全年收到行政许可申请{x}件，办结{x}件。' },
  { text: '{Y}办理人大代表建议{x}件、政协提案{x}件，办结率100%。' },
  { text: '12345政务服务便民热线受理群众来电{x}件，办结{x}件。' },
  { text: '回复网民留言{x}条，答复咨询{x}件。' },
  { text: '受理信访事项{x}件，答复{x}件。' },
  { text: '{Y}，{who}共接收政府信息公开申请{received}件，比{Y-1}的{x}件[增加|减少]{x}件。' },
  { text: '收到{attr}信息公开申请{received}件，均[已|予以]按时[办结|答复]。' },
  { text: '{Y}，{own}及所属各部门共受理政府信息公开申请{x}件，{own}本级受理{x}件。' },
  { text: '本年度计划将政府信息公开申请平均办理时限压缩{x}个工作日，力争受理申请{x}件内零投诉。' },
  { text: '若同一申请人每月申请超过{x}件的，按规定收取信息处理费。' },
  {
    text: '{who}{Y}共收到政府信息公开申请{received}件；其中，[本年新收|新收]{received2}件，上年结转{carried_over}件。',
  },
  { text: '全年收到{attr}政府信息公开申请{received}余件。' },
  { text: '{Y-1}度{who}收到政府信息公开申请{x}件，答复{x}件，结转{x}件。' },
  { text: '去年同期收到政府信息公开申请{x}件。' },
  { text: '{Y}，{who}收到政府信息公开申请共{received}件，与去年持平。' },
]

/** What a report says of how requests were dealt with. */
const results: readonly ProseTemplate[] = [
  {
    text: '全年答复政府信息公开申请{processed}件，其中予以公开{granted}件，部分公开{partially_granted}件，不予公开{denied}件，无法提供{unable}件，不予处理{not_processed}件，其他处理{other}件。',
  },
  {
    text: '办结政府信息公开申请{processed}件，其中：予以公开及部分公开{granted_or_partial}件，占{pct}；不予公开{denied}件，占{pct}；无法提供{unable}件，占{pct}。',
  },
  { text: '{Y}{who}共办结依申请公开{processed}件，结转至下一年度继续办理{carried_forward}件。' },
  {
    text: '在已答复的政府信息公开申请中，予以公开的{granted}件，部分公开的{partially_granted}件，不予公开的{denied}件，无法提供的{unable}件。',
  },
  {
    text: '按照办理结果分类，政府信息公开申请予以公开{granted}件、部分公开{partially_granted}件、不予公开{denied}件、无法提供{unable}件、不予处理{not_processed}件、其他处理{other}件。',
  },
  { text: '另有{carried_forward}件政府信息公开申请结转至下一年度继续办理。' },
  {
    text: '答复政府信息公开申请{processed}件（含上年度结转申请{carried_over}件，另有{carried_forward}件申请按照《条例》顺延到下年度答复）。',
  },
  { text: '{Y}，{who}依法答复政府信息公开申请{processed}件，其中按期答复{x}件，延期答复{x}件。' },
  { text: '因本机关不掌握等原因无法提供的政府信息公开申请{unable}件，不予公开{denied}件。' },
  { text: '{other}答复政府信息公开申请{x}件，其中予以公开{x}件，不予公开{x}件。' },
  { text: '{Y-1}答复政府信息公开申请{x}件，其中予以公开{x}件。' },
  { text: '政府信息公开申请答复率100%，按期办结率{pct}，群众满意率{pct}。' },
  { text: '依申请公开答复{processed}件，予以公开{granted}件，较上年增加{x}件；不予公开{denied}件，较上年减少{x}件。' },
  { text: '不予公开的{denied}件政府信息公开申请中，属于国家秘密{x}件，保护第三方合法权益{x}件。' },
  {
    text: '对政府信息公开申请作出[予以公开答复{granted}件|部分公开答复{partially_granted}件|不予公开答复{denied}件]，作出其他处理答复{other}件。',
  },
  { text: '已办结政府信息公开申请{processed}件，结转下年{carried_forward}件，无超期办理情况。' },
  { text: '上年度结转的政府信息公开申请{carried_over}件已全部办结。' },
  { text: '办结网上政府信息公开申请{x}件，办结信函政府信息公开申请{x}件。' },
  { text: '政府信息公开申请办理结果：予以公开{granted}件，部分公开{partially_granted}件，不予公开{denied}件。' },
  { text: '对{x}件政府信息公开申请作出延期答复，对{x}件申请要求补正。' },
  { text: '截至{Y}6月底，答复政府信息公开申请{x}件，予以公开{x}件。' },
  { text: '涉及土地征收的政府信息公开申请答复{x}件，予以公开{x}件。' },
  { text: '{who}全年共[答复|办结]依申请公开[事项|申请]{processed}件，未发生超期答复。' },
  { text: '对主动公开目录中的{x}项内容予以公开，对{x}份文件不予公开说明理由。' },
  { text: '政府信息公开申请不予处理{not_processed}件、其他处理{other}件。' },
]

/** What a report says of review and litigation. */
const disputes: readonly ProseTemplate[] = [
  { text: '{Y}，因政府信息公开被申请行政复议{review}件，其中维持{x}件、纠正{x}件。' },
  { text: '全年{who}发生政府信息公开行政复议{review}件，行政诉讼{litigation}件。' },
  { text: '因政府信息公开引起的行政复议案件{review}件、行政诉讼案件{litigation}件（一审{x}件）。' },
  { text: '{Y}{who}未发生因政府信息公开申请行政复议、提起行政诉讼的情况。', flags: ['dispute_none'] },
  { text: '本年度没有因政府信息公开工作被申请行政复议和提起行政诉讼。', flags: ['dispute_none'] },
  { text: '{Y}未收到政府信息公开[方面的|有关的|类]行政复议、行政诉讼案件。', flags: ['dispute_none'] },
  { text: '{Y}，未发生政府信息公开行政诉讼。' },
  { text: '{who}全年办理行政复议案件{x}件，办理行政诉讼案件{x}件。' },
  { text: '{Y-1}因政府信息公开被申请行政复议{x}件。' },
  { text: '涉及政府信息公开的行政诉讼案件{litigation}件，比上年减少{x}件。' },
  {
    text: '政府信息公开行政复议{review}件，其中结果维持{x}件，结果纠正{x}件，尚未审结{x}件；政府信息公开行政诉讼{litigation}件，其中结果维持{x}件。',
  },
  { text: '{other}因政府信息公开被申请行政复议{x}件、被提起行政诉讼{x}件。' },
  { text: '没有发生因政府信息公开行政诉讼败诉或行政复议被纠正的情况。' },
  { text: '{Y}收到有关政府信息公开行政复议申请{review}件，政府信息公开行政诉讼{litigation}起。' },
  { text: '政府信息公开类行政复议共{review}件，[全部维持|均获维持]；诉讼共{litigation}件。' },
  { text: '司法行政部门受理行政复议申请{x}件，同比增长{pct}。' },
  { text: '{Y}，{who}信息公开行政复议案件数为{review}件，较{Y-1}的{x}件有所下降。' },
  { text: '近三年累计发生政府信息公开行政复议{x}件、行政诉讼{x}件。' },
]

/** What a report says of fees. */
const fees: readonly ProseTemplate[] = [
  { text: '{Y}，{who}[收取|共收取]信息处理费{info_fee_yuan}元。', flags: ['info_fee'] },
  { text: '本年度收取政府信息公开信息处理费共计{info_fee_yuan}元，涉及申请{x}件。', flags: ['info_fee'] },
  { text: '{Y}，未收取政府信息公开信息处理费。', flags: ['info_fee'] },
  { text: '本年度发出收费通知{x}份，实际收取信息处理费总金额为{info_fee_yuan}元。', flags: ['info_fee'] },
  { text: '根据《政府信息公开信息处理费管理办法》，{Y}依申请公开未产生信息处理费。', flags: ['info_fee'] },
  { text: '信息处理费按每件{x}元的标准收取，{Y}没有收取。', flags: ['info_fee'] },
  { text: '{Y}，政府信息公开申请收费情况：无。', flags: ['info_fee'] },
  { text: '本年度信息公开申请没有发生收费。', flags: ['info_fee'] },
  { text: '全年政府信息公开收取信息处理费{info_fee_wan}万元。', flags: ['info_fee'] },
  { text: '无其他需要报告的事项。' },
  { text: '{Y-1}收取信息处理费{x}元，{Y}收取信息处理费{info_fee_yuan}元。', flags: ['info_fee'] },
]

/** What a report says of publishing on its own account. */
const proactive: readonly ProseTemplate[] = [
  { text: '{Y}，{who}主动公开政府信息{proactive_total}条。' },
  { text: '全年共主动公开各类政府信息{proactive_total}条，其中通过门户网站公开信息{x}条，微信公众号发布信息{x}条。' },
  { text: '通过门户网站公开信息{x}条，微信公众号发布信息{x}条，政府公报公开政府信息{x}条。' },
  { text: '{Y}{who}主动公开政府信息总数{proactive_total}条，比上年增加{x}条。' },
  { text: '{who}全年主动公开信息共计{proactive_total}余条。' },
  { text: '{other}主动公开政府信息{x}条。' },
  { text: '全年主动公开政府信息{proactive_wan}万条，同比增长{pct}。' },
  { text: '通过政务微博主动公开政府信息{x}条。' },
  { text: '自网站开通以来，累计主动公开政府信息{x}条。' },
  { text: '{Y-1}主动公开政府信息{x}条。' },
  { text: '{Y}，{who}通过政府网站、政务微博、政务微信、政府公报等渠道主动公开政府信息{proactive_total}条。' },
  { text: '重点领域主动公开财政信息{x}条、环保信息{x}条、安全生产信息{x}条。' },
  { text: '{Y}{who}累计主动公开政府信息{proactive_total}条，发布政策解读{x}篇。' },
  { text: '主动公开规范性文件{x}件，备案规范性文件{x}件，废止{x}件。' },
  { text: '{who}主动公开政府信息每月平均{x}条。' },
]

/** Sentences with figures that have nothing to do with any of these, and the talk that stands between. */
const noise: readonly ProseTemplate[] = [
  { text: '规范性文件备案{x}件，合法性审查{x}件。' },
  { text: '召开政务公开工作会议{x}次，举办培训班{x}期，培训{x}人次。' },
  { text: '{who}坚持以公开为常态、不公开为例外，不断提升政府信息公开工作水平。' },
  { text: '现行有效行政规范性文件{x}件，本年制发{x}件，废止{x}件。' },
  { text: '作出行政处罚决定{x}件，实施行政强制{x}件，行政许可处理决定{x}件。' },
  { text: '一是加强组织领导，健全工作机制；二是强化业务培训，全年组织学习三次；三是严格审查，落实“三审三校”。' },
  { text: '政务新媒体粉丝数突破{x}人，阅读量达{x}万次。' },
  { text: '全年组织新闻发布会{x}场，在线访谈{x}期，回应公众关切{x}次。' },
  { text: '下一步，将进一步规范依申请公开办理流程，提高答复质量。' },
  { text: '按照《政府信息公开条例》第三十三条，行政机关应当自收到申请之日起{x}个工作日内予以答复。' },
  { text: '制定依申请公开答复示范文本{x}份，编发典型案例{x}个。' },
  { text: '接受政府信息公开咨询{x}人次，设置查阅点{x}个。' },
]

/** The first lot and the second, by what they are about. */
export const lots = [
  { requests, results, disputes, fees, proactive, noise },
  {
    requests: moreRequests,
    results: moreResults,
    disputes: moreDisputes,
    fees: moreFees,
    proactive: moreProactive,
    noise,
  },
] as const

export type TemplateGroup = keyof (typeof lots)[number]

/** True for a template that is held back from tuning. */
export function isHeldOut(place: number): boolean {
  return place % 3 === 2
}
