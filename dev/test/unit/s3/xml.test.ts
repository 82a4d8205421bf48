import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childText, parseXml, xmlDocument } from '../../../src/s3/xml.ts';

describe('XML', () => {
  it('brings any text back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const document = xmlDocument(['Root', [['Key', text]]]);
        expect(childText(parseXml(document), 'Key')).toBe(text);
      }),
    );
  });

  it('reads what clients send: declarations, namespaces, comments, white space', () => {
    const root = parseXml(
      '\uFEFF<?xml version="1.0"?>\n<!-- c --><s3:Delete xmlns:s3="urn:x">\n <Object a=\'1\'><Key>a&amp;b&#x20;&#33;</Key>' +
        '<VersionId/></Object><Quiet >true</Quiet>\n</s3:Delete>\n',
    );
    expect(root.name).toBe('Delete');
    expect(childText(root, 'Quiet')).toBe('true');
    expect(root.children[0]?.children.map(({ name, text }) => [name, text])).toEqual([
      ['Key', 'a&b !'],
      ['VersionId', ''],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['text only', 'hello'],
    ['an open element', '<a><b></b>'],
    ['crossed elements', '<a><b></a></b>'],
    ['a second root', '<a/><b/>'],
    ['text after the root', '<a/>more'],
    ['a closing tag only', '</a>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['an unknown entity', '<a>&x;</a>'],
    ['a bare ampersand', '<a>a & b</a>'],
    ['a character beyond Unicode', '<a>&#x110000;</a>'],
    ['endless nesting', '<a>'.repeat(100) + '</a>'.repeat(100)],
    ['a broken tag', '<a'],
  ])('refuses %s', (_, text) => {
    expect(() => parseXml(text)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
  });

  it('refuses megabytes of rubbish at once', () => {
    const started = performance.now();
    for (const rubbish of [
      '<a'.repeat(500_000),
      `<${'a'.repeat(1_000_000)}`,
      '&'.repeat(1_000_000),
    ]) {
      expect(() => parseXml(rubbish)).toThrow();
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
