/** What tests print and convert with, installed once before they run side by side. Without it the tests fail. */
import { browser, fontPackages, needPackages, needProgram, office } from '../../scripts/packages.mjs'

export default function programs(): void {
  needPackages(fontPackages)
  needProgram(browser)
  needProgram(office)
}
