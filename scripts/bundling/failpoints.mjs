// Failpoints belong to tests: nothing of them is in what users get, so nothing outside can arm one.

const CALL = /^[ \t]*await failpoint\('[a-z-]+'\);$/gm;
const IMPORT = /^import \{ failpoint \} from '[./]+failpoints\.js';$/m;

/** @returns a plugin that takes every call out, and fails where one stays. */
export function withoutFailpoints() {
  return {
    name: 'without-failpoints',
    // A line stays a line, so the map of the module stays true.
    transform: (code) => ({
      code: code.replaceAll(CALL, '').replace(IMPORT, ''),
      map: null,
    }),
    generateBundle(_options, bundle) {
      for (const { fileName, code = '' } of Object.values(bundle))
        if (/failpoint/i.test(code)) this.error(`${fileName} still has a failpoint`);
    },
  };
}
