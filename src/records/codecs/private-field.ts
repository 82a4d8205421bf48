/** Private fields (`#name`) of classes: no reflection shows them, but the source of a class does. */

/** By prototype: the source of a class is read once. */
const known = new WeakMap<object, string | undefined>();

/** The first private field of an object's class or of those it extends. */
export function privateFieldOf(value: object): string | undefined {
  for (let at = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    if (!known.has(at)) known.set(at, fieldIn(sourceOf(at)));
    const field = known.get(at);
    if (field !== undefined) return field;
  }
  return undefined;
}

function sourceOf(prototype: object): string {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof maker !== 'function') return '';
  const source = Function.prototype.toString.call(maker);
  return source.startsWith('class') ? source : '';
}

const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;
const ACCESS = /\.\s*(#[\p{ID_Start}$_][\p{ID_Continue}$]*)/gu;

/** A field counts where it is used; private methods and static fields hold nothing of an object. */
function fieldIn(source: string): string | undefined {
  const code = source.replace(COMMENT_OR_TEXT, '');
  const used = new Set([...code.matchAll(ACCESS)].map(([, name = '']) => name));
  const declarations = code.replace(/\.\s*#/g, '.');
  return [...used].find((name) => {
    const word = `${name.replaceAll('$', '\\$')}(?![\\w$])`;
    return !new RegExp(`static\\s+${word}|${word}\\s*\\(`).test(declarations);
  });
}
