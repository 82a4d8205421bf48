import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const FILES = ['load-config', 'access-config', 'connection-config', 's3-config'].map((name) =>
  fileURLToPath(new URL(`../../src/config/${name}.ts`, import.meta.url)),
);

/**
 * What an editor shows of every member of the interfaces in src/config: by interface, then by member, its meaning, and
 * its default and example as source text; undefined where there is none.
 */
export function configMembers() {
  const program = ts.createProgram(FILES, {
    noEmit: true,
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.NodeNext,
    strict: true,
  });
  const checker = program.getTypeChecker();
  const interfaces = FILES.flatMap((file) =>
    program.getSourceFile(file).statements.filter(ts.isInterfaceDeclaration),
  );
  return Object.fromEntries(
    interfaces.map(({ name }) => [name.text, membersOf(checker, checker.getTypeAtLocation(name))]),
  );
}

function membersOf(checker, type) {
  return Object.fromEntries(
    type.getProperties().map((member) => {
      const tags = member.getJsDocTags(checker);
      const text = (name) =>
        ts.displayPartsToString(tags.find((tag) => tag.name === name)?.text) || undefined;
      const meaning = ts
        .displayPartsToString(member.getDocumentationComment(checker))
        .replaceAll('\n', ' ');
      return [member.name, { meaning, default: text('default'), example: text('example') }];
    }),
  );
}
