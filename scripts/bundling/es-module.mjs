// What `import` gets: the names of the CommonJS module, which is loaded once however many ways lead to it.

import { writeFileSync } from 'node:fs';
import path from 'node:path';

export function writeEsModule(folder, names) {
  const code = `export { ${names.join(', ')} } from './index.cjs';\n`;
  writeFileSync(path.join(folder, 'index.js'), code);
  writeFileSync(path.join(folder, 'index.d.ts'), "export * from './index.cjs';\n");
}
