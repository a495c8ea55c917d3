/** Makes sure that Tesseract, its data and the faces for tests are there. */
export function needTesseract(): void
