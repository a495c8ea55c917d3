/**
 * A second lot of sentences, written after what reads them and harder: other wordings of the same, and more of what
 * looks like a statement and is none. How well they were read before anything was tuned on them stands in the test.
 */
import type { ProseTemplate } from './prose-templates.ts'

/** Of requests. */
export const moreRequests: readonly ProseTemplate[] = [
  { text: '一年来，{who}共登记受理{attr}政府信息公开申请{received}件，办结{processed}件。' },
  { text: '{Y}，{who}收到依申请公开信件{received}件，均按规定程序予以答复。' },
  { text: '依申请公开方面，{Y}累计收到公开申请{received}件，已办结{processed}件，{carried_forward}件结转下年度办理。' },
  { text: '{who}依申请公开平台收到申请{x}件，邮政挂号信收到申请{x}件，当面提交{x}件。' },
  { text: '{Y}新增依申请公开{received}件，较去年同期{x}件增长{pct}。' },
  { text: '截至{Y}12月31日，{who}共收到政府信息公开申请{received}件。' },
  { text: '自{year}年1月1日至{year}年12月31日，{who}共接到政府信息公开申请{received}件，全部予以答复。' },
  { text: '政府信息公开申请总量为{received}件，同比下降{pct}。' },
  { text: '{Y}，{who}收到政府信息公开申请{received}件，其中商业企业申请{x}件，自然人申请{x}件。' },
  { text: '{who}平均每月收到政府信息公开申请{x}件，最多的月份达{x}件。' },
  { text: '{Y}，全国政府信息公开申请{x}件，我省{x}件。' },
  { text: '{other}、{other}分别收到政府信息公开申请{x}件、{x}件，居前两位。' },
  { text: '其中，{other}收到申请{x}件，{other}收到申请{x}件。' },
  { text: '{Y}{who}收到并答复政府信息公开申请{received+processed}件。' },
  { text: '{Y}，{who}政府信息公开申请零受理。' },
  { text: '{Y}，{who}共收到依申请公开政府信息申请{received}件次。' },
  { text: '{Y}公众向{who}提出政府信息公开申请{received}件。' },
  { text: '今年以来，收到政府信息公开申请{received}件，已答复{processed}件，正在办理{x}件。' },
  { text: '{who}全年无政府信息公开申请。', flags: ['received_none'] },
  {
    text: '{Y}，{who}未收到公民、法人和其他组织通过网络、信函、当面等形式提出的政府信息公开申请。',
    flags: ['received_none'],
  },
  { text: '第四季度未收到政府信息公开申请。' },
  { text: '{Y}，{who}没有收到关于政府信息公开工作的投诉举报。' },
  { text: '{Y}，我单位未收到群众关于信息公开的举报，也未收到信息公开申请被驳回的诉讼。' },
  { text: '{Y}度共收到市长信箱来信{x}件，办结{x}件，其中信息公开类{x}件。' },
  { text: '{who}制发公文{x}件，其中主动公开{x}件，依申请公开{x}件，不予公开{x}件。' },
  { text: '{Y}收到政府信息公开申请{received}件，比{Y-1}（{x}件）增加{x}件。' },
  { text: '{Y}，{who}收到政府信息公开申请{received}件（{Y-1}为{x}件）。' },
  { text: '建立台账，对收到的每1件政府信息公开申请逐件登记，做到件件有答复。' },
  { text: '{Y}，{who}共收到政府信息公开申请{received}件，涉及农村宅基地{x}件、拆迁补偿{x}件、社会保障{x}件。' },
  { text: '近年来政府信息公开申请量逐年上升，{Y-2}受理{x}件，{Y-1}受理{x}件，{Y}受理{received}件。' },
  { text: '{Y}，{who}收到申请公开政府信息的要求{received}条。' },
  { text: '{who}受理公民申请公开政府信息{received}件，其中网上受理{x}件。' },
  { text: '{Y}，{who}办理政府信息公开申请转办件{x}件。' },
  { text: '全年{who}收到依申请公开事项{received}件、答复{processed}件，无一件引发行政争议。' },
  {
    text: '{Y}度，通过省依申请公开系统收到政府信息公开申请{x}件，通过邮寄收到政府信息公开申请{x}件，共计{received}件。',
  },
  { text: '与{Y-1}相比，政府信息公开申请减少{x}件。' },
]

/** Of their results. */
export const moreResults: readonly ProseTemplate[] = [
  {
    text: '从答复情况看，政府信息公开申请予以公开{granted}件，占{pct}；部分公开{partially_granted}件，占{pct}；不予公开{denied}件，占{pct}；无法提供{unable}件，占{pct}；不予处理{not_processed}件，占{pct}；其他处理{other}件，占{pct}。',
  },
  {
    text: '在已办结的政府信息公开申请中，{granted}件予以公开，{partially_granted}件部分公开，{denied}件不予公开，{unable}件无法提供。',
  },
  { text: '政府信息公开申请按时办结{processed}件，无逾期答复现象。' },
  { text: '其中{carried_forward}件政府信息公开申请因尚在办理期限内，结转至下年度继续办理。' },
  { text: '{Y}政府信息公开申请办结总数{processed}件，{carried_forward}件结转至下一年度。' },
  { text: '{Y}结转到下一年度办理的政府信息公开申请{carried_forward}件。' },
  { text: '上一年度结转政府信息公开申请{carried_over}件，本年度新收{received}件。' },
  { text: '{Y-1}结转政府信息公开申请{carried_over}件。' },
  { text: '{Y-1}收到、结转至本年度办理的政府信息公开申请{carried_over}件。' },
  { text: '网上答复政府信息公开申请{x}件，书面邮寄答复{x}件。' },
  { text: '对涉及第三方的{x}件政府信息公开申请，征求第三方意见后予以公开{x}件。' },
  {
    text: '{who}答复政府信息公开申请{processed}件，其中：予以公开{granted}件，不予公开{denied}件（属于国家秘密{x}件，其他法律行政法规禁止公开{x}件），无法提供{unable}件（本机关不掌握{x}件）。',
  },
  { text: '会同司法局审核政府信息公开答复书{x}件，提出修改意见{x}条。' },
  { text: '不予公开、部分公开的政府信息公开申请合计{x}件。' },
  { text: '政府信息公开申请予以公开或部分公开的{granted_or_partial}件。' },
  { text: '政府信息公开申请办结率100%，其中{x}件提前办结。' },
  { text: '办理政府信息公开申请{x}件次，召开会商会{x}次。' },
  { text: '抽查{other}政府信息公开申请答复{x}件，发现不规范{x}件。' },
  { text: '信息公开申请其他处理{other}件，均为申请人逾期未补正。' },
  { text: '{who}{Y}答复依申请公开{processed}件（不含{other}答复的{x}件）。' },
  { text: '本年度政府信息公开申请同意公开{granted}件，不同意公开{denied}件，信息不存在{x}件。' },
]

/** Of review and litigation. */
export const moreDisputes: readonly ProseTemplate[] = [
  { text: '{Y}，{who}因信息公开工作被申请行政复议{review}件、被提起行政诉讼{litigation}件，无败诉案件。' },
  { text: '涉及政府信息公开的行政复议、行政诉讼案件共{x}件。' },
  { text: '政府信息公开行政复议案件{review}件（结果维持{x}件，尚未审结{x}件）。' },
  { text: '{Y}，本机关未因政府信息公开被申请行政复议或提起行政诉讼。', flags: ['dispute_none'] },
  { text: '无政府信息公开行政复议、行政诉讼情况发生。', flags: ['dispute_none'] },
  { text: '{Y}，{who}政府信息公开行政复议{review}件，未发生行政诉讼。' },
  { text: '{who}作为复议机关受理政府信息公开行政复议案件{x}件。' },
  { text: '政府信息公开行政诉讼一审{x}件、二审{x}件。' },
  { text: '{Y}应诉政府信息公开行政诉讼案件{litigation}件，出庭应诉率100%。' },
  { text: '{Y-1}结转政府信息公开行政复议{x}件。' },
  {
    text: '因政府信息公开引发的行政复议共{review}件，较上年度{x}件下降{pct}；引发行政诉讼{litigation}件，较上年度{x}件上升{pct}。',
  },
  { text: '组织观摩行政诉讼庭审{x}次，开展行政复议和行政诉讼案例培训{x}场。' },
  { text: '{Y}，未发生针对本单位有关政府信息公开事务的行政复议案、行政诉讼案。', flags: ['dispute_none'] },
  { text: '未发生因信息公开被行政复议机关确认违法、行政诉讼被判败诉的情形。' },
  { text: '{Y}发生{review}起因政府信息公开引起的行政复议。' },
]

/** Of fees. */
export const moreFees: readonly ProseTemplate[] = [
  { text: '{Y}，{who}依申请提供政府信息收取信息处理费{info_fee_yuan}元，已全部上缴财政。', flags: ['info_fee'] },
  { text: '信息处理费收取情况：{Y}收取信息处理费{info_fee_yuan}元。', flags: ['info_fee'] },
  { text: '本年度对{x}名申请人收取信息处理费，金额合计{info_fee_yuan}元。', flags: ['info_fee'] },
  { text: '{Y}未向申请人收取任何费用。', flags: ['info_fee'] },
  { text: '{Y}减免信息处理费{x}元。', flags: ['info_fee'] },
  { text: '本机关无需要报告的其他事项。' },
]

/** Of publishing. */
export const moreProactive: readonly ProseTemplate[] = [
  { text: '{Y}，{who}通过各类渠道主动公开政府信息{proactive_total}条（次）。' },
  { text: '{who}主动公开政府信息，全年共{proactive_total}条。' },
  { text: '{Y}共主动公开信息{proactive_total}条，政府网站公开{x}条，政务微信公开{x}条，政务微博公开{x}条。' },
  { text: '在{own}门户网站主动公开政府信息{x}条。' },
  { text: '计划全年主动公开政府信息{x}条以上。' },
  { text: '{Y}前三季度主动公开政府信息{x}条。' },
  { text: '{who}主动公开政府信息{proactive_total}条，其中规范性文件{x}条，机构职能{x}条，财政预决算{x}条。' },
  { text: '{other}主动公开政府信息{x}条，{other}主动公开政府信息{x}条。' },
  { text: '主动公开重点领域政府信息{x}条。' },
  { text: '全年{who}主动公开政府信息超过{proactive_total}条。' },
  { text: '主动公开建议提案办理结果{x}条，主动公开行政许可信息{x}条。' },
  { text: '{Y}主动公开政府信息{proactive_total}条；依申请公开政府信息{x}条。' },
]
