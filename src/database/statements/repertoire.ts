import { doBlock } from '../do-block.ts';
import type { Statement } from '../statement.ts';

const SETTING = 'relyt_loader.repertoire';

export const databaseEncoding = (): Statement => ({
  name: 'databaseEncoding',
  text: 'select pg_catalog.getdatabaseencoding()::text as encoding',
});

/**
 * Tries every character up to U+FFFF, and those of U+20000 to U+2FFFF for the two encodings that have some, and leaves a
 * bit for each in a setting of the transaction. Only the server knows its conversions: those of others differ from
 * release to release.
 */
export const tryCharacters = (): Statement => ({
  name: 'tryCharacters',
  text: doBlock(
    [
      'encoding name := pg_catalog.getdatabaseencoding(); utf8 bytea; c int8; last int4 := 65535;',
      "bits bytea := pg_catalog.decode(pg_catalog.repeat('00', 16384), 'hex');",
    ],
    [
      "if encoding in ('EUC_JIS_2004', 'EUC_TW') then last := 131071; end if;",
      'for n in 0..last loop',
      '  c := case when n < 65536 then n else n + 65536 end;',
      // NUL and halves of surrogate pairs are not text in any encoding.
      '  if c = 0 or c >= 55296 and c <= 57343 then continue; end if;',
      "  utf8 := pg_catalog.decode(case when c < 128 then pg_catalog.lpad(pg_catalog.to_hex(c), 2, '0')",
      '    when c < 2048 then pg_catalog.to_hex((192 + c / 64) * 256 + 128 + c % 64)',
      '    when c < 65536 then pg_catalog.to_hex((224 + c / 4096) * 65536 + (128 + c / 64 % 64) * 256 + 128 + c % 64)',
      '    else pg_catalog.to_hex((240 + c / 262144) * 16777216 + (128 + c / 4096 % 64) * 65536',
      "      + (128 + c / 64 % 64) * 256 + 128 + c % 64) end, 'hex');",
      '  begin',
      "    perform pg_catalog.convert(utf8, 'UTF8', encoding);",
      '    bits := pg_catalog.set_bit(bits, n, 1);',
      '  exception when untranslatable_character or character_not_in_repertoire then',
      '    null;',
      '  end;',
      'end loop;',
      `perform pg_catalog.set_config('${SETTING}', pg_catalog.encode(bits, 'hex'), true);`,
    ],
  ),
});

export const triedCharacters = (): Statement => ({
  name: 'triedCharacters',
  text: `select pg_catalog.current_setting('${SETTING}') as bits`,
});
