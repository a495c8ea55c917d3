/**
 * What the tests of pictures need beside npm's packages: Tesseract with its Chinese data, and the faces in which reports
 * are drawn. Found on this machine, or installed as root.
 */
import { execFileSync } from 'node:child_process'
import { installPackages } from './packages.mjs'

const packages = [
  'tesseract-ocr',
  'tesseract-ocr-chi-sim',
  'fontconfig',
  'fonts-liberation',
  'fonts-arphic-uming',
  'fonts-arphic-ukai',
  'fonts-wqy-zenhei',
  'fonts-noto-cjk',
]
const families = ['Liberation Serif', 'AR PL UMing', 'AR PL UKai', 'WenQuanYi Zen Hei', 'Noto Serif CJK SC']

/** Makes sure that all of it is there. Throws where it is not and cannot be installed. */
export function needTesseract() {
  if (isThere()) return
  installPackages(packages)
  if (!isThere()) throw new Error('Tesseract and fonts were installed but not found')
}

function isThere() {
  const languages = output('tesseract', ['--list-langs'])
  const fonts = output('fc-list', [])
  return ['eng', 'chi_sim'].every((one) => languages.includes(one)) && families.every((one) => fonts.includes(one))
}

function output(program, parameters) {
  try {
    return execFileSync(program, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}
