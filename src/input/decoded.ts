/** Text in another encoding as UTF-8. */

import { TextDecoder } from 'node:util';
import { RelytError } from '../errors.ts';
import { occurrences } from './occurrences.ts';

/** Encodings as PostgreSQL calls them, where the runtime has another name. */
const POSTGRES_NAMES: Readonly<Record<string, string>> = {
  utf8: 'utf-8',
  unicode: 'utf-8',
  sjis: 'shift_jis',
  mskanji: 'shift_jis',
  shiftjis: 'shift_jis',
  euckr: 'euc-kr',
  eucjp: 'euc-jp',
  uhc: 'euc-kr',
  koi8: 'koi8-r',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  latin5: 'iso-8859-9',
  latin6: 'iso-8859-10',
  latin7: 'iso-8859-13',
  latin8: 'iso-8859-14',
  latin9: 'iso-8859-15',
  latin10: 'iso-8859-16',
  win: 'windows-1251',
  win866: 'ibm866',
  alt: 'ibm866',
};

/** ISO 8859-1: the runtime takes each of these names for windows-1252, which has other characters from 0x80 to 0x9F. */
const LATIN1 = new Set(['latin1', 'iso88591', 'l1']);

const UTF8 = new Set(['utf8', 'unicode']);

/** A decoder of one input. */
interface Decoder {
  /** @throws TypeError when the bytes are not of the encoding */
  decode(bytes: Buffer): string;
  /** What is left at the end of the input. @throws TypeError when it is half a character */
  end(): string;
}

/**
 * Undefined where the encoding is UTF-8 already.
 * @throws RelytError CONFIG_INVALID for an encoding that the runtime does not know
 */
export function decoderOf(encoding: string): (() => Decoder) | undefined {
  const short = encoding.toLowerCase().replaceAll(/[-_ ]/g, '');
  if (UTF8.has(short)) return undefined;
  if (LATIN1.has(short))
    return () => ({ decode: (bytes) => bytes.toString('latin1'), end: () => '' });
  const label = POSTGRES_NAMES[short] ?? short.replace(/^win(?=\d)/, 'windows-');
  const known = [label, encoding].find(isKnown);
  if (known === undefined) {
    throw new RelytError(
      'CONFIG_INVALID',
      `The encoding ${JSON.stringify(encoding)} is not known.`,
      {
        hint: 'Name it as PostgreSQL or the WHATWG Encoding Standard does: LATIN1, WIN1252, SJIS, utf-16le, gb18030 …',
      },
    );
  }
  return () => streaming(new TextDecoder(known, { fatal: true, ignoreBOM: false }));
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}

function streaming(decoder: TextDecoder): Decoder {
  return {
    decode: (bytes) => decoder.decode(bytes, { stream: true }),
    end: () => decoder.decode(),
  };
}

/** @throws RelytError INPUT_MALFORMED when the bytes are not of the encoding */
export async function* decoded(
  chunks: AsyncIterable<Buffer>,
  decoder: Decoder,
  { name, encoding }: { readonly name: string; readonly encoding: string },
): AsyncGenerator<Buffer> {
  let line = 1;
  const utf8 = (decode: () => string): Buffer => {
    try {
      return Buffer.from(decode());
    } catch (cause) {
      throw new RelytError(
        'INPUT_MALFORMED',
        `The input ${name} is not in the encoding ${encoding}, at line ${line} or after it.`,
        {
          details: { line, expected: encoding },
          hint: 'Check the encoding; `file --mime-encoding` makes a guess.',
          cause,
        },
      );
    }
  };
  for await (const chunk of chunks) {
    const bytes = utf8(() => decoder.decode(chunk));
    line += occurrences(bytes, '\n');
    if (bytes.length > 0) yield bytes;
  }
  const last = utf8(() => decoder.end());
  if (last.length > 0) yield last;
}
