/** Browsers that print, by the names they have in distributions. */
export const browsers: readonly string[]
/** Chinese fonts in the kinds that printing programs embed in different ways, and two Latin ones like those of Word. */
export const fontPackages: readonly string[]
/** The path of the first of these programs that is there; null where none is. */
export function findProgram(names: readonly string[], places?: readonly string[]): string | null
/** The path of the first of these programs, after its packages were installed if none was there. */
export function needProgram(names: readonly string[], packages: readonly string[]): string
/** Installs those of the packages that are missing. Throws where this is not root, with the packages to install. */
export function needPackages(packages: readonly string[]): void
/** Installs packages with apt-get. Throws where this is not root, with the packages to install. */
export function installPackages(packages: readonly string[]): void
