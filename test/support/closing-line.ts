import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with one plain line, `N passed, N failed, N skipped`, for people and for CI; before it, a line
 * for each failure, so that whoever sees only the end of a log knows what failed.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failures: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (state === 'passed' || state === 'failed' || state === 'skipped') counts[state] += 1;
        if (state === 'failed')
          failures.push(toLine(`${module.relativeModuleId} > ${test.fullName}`, errors));
      }
      // A file that did not load has no tests, and is a failure all the same.
      if (module.errors().length > 0) {
        counts.failed += 1;
        failures.push(toLine(module.relativeModuleId, module.errors()));
      }
    }
    const { passed, failed, skipped } = counts;
    const lines = [...failures, `${passed} passed, ${failed} failed, ${skipped} skipped`];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

/** On one line, whatever the message: the closing line is found by its beginning. */
function toLine(name: string, errors: readonly { readonly message: string }[]): string {
  const [first = ''] = (errors[0]?.message ?? '').split('\n');
  return `FAILED ${name}: ${first.slice(0, 300)}`;
}
