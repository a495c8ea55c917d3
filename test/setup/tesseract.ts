/** Tesseract and fonts for all tests of pictures. Without them the tests fail. */
import { needTesseract } from '../../scripts/tesseract.mjs'

export default function tesseract(): void {
  needTesseract()
}
