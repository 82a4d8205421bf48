import { S3Error } from './s3-error.ts';

/** The little XML that S3 speaks: elements and text, no attributes except the namespace, no document types. */

type XmlContent = string | number | boolean | readonly XmlElement[];
/** [name, content]; a list of elements repeats a name as often as needed. */
export type XmlElement = readonly [name: string, content: XmlContent];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escapeText(text: string): string {
  // Control characters, CR and LF included, would be changed or refused by a reader if they stood bare.
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a key may hold them
    /[&<>"\u0000-\u001f\u007f]/g,
    (char) => ESCAPES[char] ?? `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

function writeElement([name, content]: XmlElement, attributes = ''): string {
  const inner =
    typeof content === 'object'
      ? content.map((child) => writeElement(child)).join('')
      : escapeText(String(content));
  return `<${name}${attributes}>${inner}</${name}>`;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

export function xmlDocument(root: XmlElement): string {
  return DECLARATION + writeElement(root, ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"');
}

/** Error bodies carry no namespace. */
export function xmlErrorDocument(fields: readonly XmlElement[]): string {
  return DECLARATION + writeElement(['Error', fields]);
}

/** A parsed element; `text` is its direct text. */
export interface XmlNode {
  readonly name: string;
  readonly children: XmlNode[];
  text: string;
}

const MAX_DEPTH = 16;
const TOKEN =
  /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]{0,63})([^<>]{0,512}?)(\/?)>|([^<]+)/gy;

/** Parses a request body. Throws MalformedXML for anything it does not fully understand, entities of a DTD included. */
export function parseXml(text: string): XmlNode {
  const root: XmlNode = { name: '', children: [], text: '' };
  const open: XmlNode[] = [root];
  let at = 0;
  // A BOM is not text.
  const source = text.replace(/^\uFEFF/, '');
  for (const token of source.matchAll(TOKEN)) {
    at = token.index + token[0].length;
    takeToken(token, open);
  }
  const [document, ...more] = root.children;
  const complete = at === source.length && open.length === 1 && root.text.trim() === '';
  if (!complete || !document || more.length > 0) throw new S3Error('MalformedXML');
  return document;
}

function takeToken(token: RegExpExecArray | RegExpMatchArray, open: XmlNode[]): void {
  const [, closing, name, , selfClosing, text] = token;
  const parent = open.at(-1);
  if (!parent) throw new S3Error('MalformedXML');
  if (text !== undefined) parent.text += unescapeText(text);
  else if (closing) {
    if (parent.name !== localName(name ?? '') || open.length === 1)
      throw new S3Error('MalformedXML');
    open.pop();
  } else if (name !== undefined) {
    const node: XmlNode = { name: localName(name), children: [], text: '' };
    parent.children.push(node);
    if (!selfClosing) open.push(node);
    if (open.length > MAX_DEPTH) throw new S3Error('MalformedXML');
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescapeText(text: string): string {
  return text.replace(/&([^;&]{0,10});?/g, (whole, entity: string) => {
    if (!whole.endsWith(';')) throw new S3Error('MalformedXML');
    const named = ENTITIES[entity];
    if (named !== undefined) return named;
    const code = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(entity);
    const point = code ? Number.parseInt(code[1] ?? code[2] ?? '', code[1] ? 16 : 10) : -1;
    if (point < 0 || point > 0x10ffff) throw new S3Error('MalformedXML');
    return String.fromCodePoint(point);
  });
}

/** Text of the first child of that name. */
export function childText(node: XmlNode, name: string): string | undefined {
  return node.children.find((child) => child.name === name)?.text;
}
