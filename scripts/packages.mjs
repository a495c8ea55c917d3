/**
 * Programs and fonts that tests and benchmarks need and npm does not bring: found on this machine, else installed from
 * Debian's packages, which takes root. Whoever is not root is told which packages to install.
 */
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs by the names they have on machines and the packages that bring them. */
export const browser = {
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  packages: ['chromium'],
}
export const office = {
  names: ['soffice', 'libreoffice'],
  packages: ['libreoffice-writer-nogui', 'libreoffice-calc-nogui'],
}

/** Storage that speaks S3: four servers and the tools to set them up. */
export const objectStore = {
  names: ['swift-proxy-server'],
  packages: ['swift-proxy', 'swift-account', 'swift-container', 'swift-object'],
}
export const certificates = { names: ['openssl'], packages: ['openssl'] }

/** Chinese fonts in the kinds that printing programs embed in different ways, and two Latin ones like those of Word. */
export const fontPackages = [
  'fonts-noto-cjk',
  'fonts-wqy-zenhei',
  'fonts-wqy-microhei',
  'fonts-arphic-uming',
  'fonts-arphic-ukai',
  'fonts-arphic-gbsn00lp',
  'fonts-arphic-gkai00mp',
  'fonts-lxgw-wenkai',
  'fonts-liberation',
]

/** The path of the first of these programs that is there, in `places` or else on the PATH; null where none is. */
export function findProgram(names, places = (process.env.PATH ?? '').split(delimiter)) {
  for (const name of names) {
    const found = places.filter((place) => place !== '').map((place) => join(place, name))
    const path = found.find(isProgram)
    if (path !== undefined) return path
  }
  return null
}

/** The path of a program, after its packages were installed if it was not there. */
export function needProgram({ names, packages }) {
  const there = findProgram(names)
  if (there !== null) return there
  installPackages(packages)
  const installed = findProgram(names)
  if (installed === null)
    throw new Error(`${packages.join(', ')} installed, but none of ${names.join(', ')} is on the PATH`)
  return installed
}

/** Installs those of the packages that Debian's own list says are missing; elsewhere than on Debian nothing is checked. */
export function needPackages(packages) {
  if (findProgram(['dpkg-query']) === null) return
  const missing = packages.filter((name) => !isInstalled(name))
  if (missing.length > 0) installPackages(missing)
}

/** Installs packages with apt-get. Throws where this is not root, with the packages to install. */
export function installPackages(packages) {
  if (process.getuid?.() !== 0 || findProgram(['apt-get']) === null)
    throw new Error(`install these packages, or run this as root on Debian: ${packages.join(' ')}`)
  const apt = (...words) =>
    execFileSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=600', ...words], {
      stdio: ['ignore', 2, 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  apt('update')
  apt('install', '-y', '--no-install-recommends', ...packages)
}

function isInstalled(name) {
  try {
    const status = execFileSync('dpkg-query', ['-W', '-f', '$' + '{Status}', name], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return status.toString().endsWith(' installed')
  } catch {
    return false
  }
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
