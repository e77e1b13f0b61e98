/** That of package.json, which is not beside what was built. */
export const VERSION = '0.1.0';
