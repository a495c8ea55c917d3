/**
 * The only way text gets into the audit report: escaped, or in both languages as a pair of elements of which the style
 * shows one. Reports are written by strangers, so nothing that comes from a document is ever taken for markup.
 */
import type { Label } from '../../model.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for an element or a quoted attribute. Control characters, which HTML forbids, are dropped. */
export function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
  return text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g, '').replace(/[&<>"']/g, (c) => entities[c]!)
}

/** A label in both languages; the style sheet shows the one that is chosen. */
export function both(label: Label): string {
  const zh = escapeText(label.zh)
  const en = escapeText(label.en)
  if (zh === en) return zh
  return `<span class="zh" lang="zh">${zh}</span><span class="en" lang="en">${en}</span>`
}

/** A figure without the noise of binary fractions, with a true minus sign. */
export function figure(value: number): string {
  return String(Number(value.toFixed(6))).replace('-', '−')
}
