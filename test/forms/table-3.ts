/** A real report as tab-delimited text, whose table 3 tests write anew, and the columns of that table: kinds of applicants and their total. */
import { readFileSync } from 'node:fs'

export const report = readFileSync(new URL('../../samples/rundong-2021.txt', import.meta.url), 'utf8')
export const applicants = [
  'natural_person',
  'commercial_enterprise',
  'research_institution',
  'public_welfare_org',
  'legal_service_org',
  'other_org',
]
export const columns = [...applicants, 'total']
