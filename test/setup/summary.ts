/**
 * A vitest reporter that adds one line `passed failed` to the file named by GOUJI_TEST_SUMMARY, for the closing line of
 * .ci/run, and warns of tests that were skipped: none may be.
 */
import { appendFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0
    let failed = 0
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        if (test.result().state === 'passed') passed++
        else failed++
      }
      if (module.state() === 'failed' && module.children.size === 0) failed++
    }
    const file = process.env.GOUJI_TEST_SUMMARY
    if (file) appendFileSync(file, `${passed} ${failed}\n`)
    console.log(`${passed} passed, ${failed} failed`)
  }
}
