/** A program: the names it has on machines, and Debian's packages that bring it. */
export type Program = { readonly names: readonly string[]; readonly packages: readonly string[] }
/** A browser that prints. */
export const browser: Program
/** LibreOffice's word processor and spreadsheets. */
export const office: Program
/** OpenStack Swift, which speaks S3. */
export const objectStore: Program
/** What makes certificates for tests. */
export const certificates: Program
/** Chinese fonts in the kinds that printing programs embed in different ways, and two Latin ones like those of Word. */
export const fontPackages: readonly string[]
/** The path of the first of these programs that is there; null where none is. */
export function findProgram(names: readonly string[], places?: readonly string[]): string | null
/** The path of a program, after its packages were installed if it was not there. */
export function needProgram(program: Program): string
/** Installs those of the packages that are missing. Throws where this is not root, with the packages to install. */
export function needPackages(packages: readonly string[]): void
/** Installs packages with apt-get. Throws where this is not root, with the packages to install. */
export function installPackages(packages: readonly string[]): void
