/** What tests print and convert with, and what they talk to, installed once before they run side by side. Without it the tests fail. */
import {
  browser,
  certificates,
  fontPackages,
  needPackages,
  needProgram,
  objectStore,
  office,
} from '../../scripts/packages.mjs'

export default function programs(): void {
  needPackages(fontPackages)
  needProgram(browser)
  needProgram(office)
  needProgram(objectStore)
  needProgram(certificates)
}
