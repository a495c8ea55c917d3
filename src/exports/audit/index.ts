/** The formats of the audit report, one list: the command line and its help read it. */
import { letter } from '../letter/index.ts'
import { ess } from './ess.ts'
import { html } from './page.ts'
import type { AuditFormat } from './request.ts'
import { csvAudit, jsonAudit } from './rows.ts'
import { sarif } from './sarif.ts'
import { xlsx } from './xlsx.ts'

export type { AuditFormat, AuditRequest, Pieces } from './request.ts'
export { findingColumns, findingObject, findingRow } from './rows.ts'

/** All formats that can be written to a file. */
export const auditFormats: readonly AuditFormat[] = [html, jsonAudit, csvAudit, xlsx, sarif, ess, letter]
