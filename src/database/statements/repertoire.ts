import { doBlock } from '../do-block.ts';
import type { Statement } from '../statement.ts';

const SETTING = 'relyt_loader.repertoire';

export const databaseEncoding = (): Statement => ({
  name: 'databaseEncoding',
  text: 'select pg_catalog.getdatabaseencoding()::text as encoding',
});

/**
 * Tries every character up to U+FFFF, and leaves a bit for each in a setting of the transaction. Only the server knows
 * its conversions: those of others differ from release to release.
 */
export const tryCharacters = (): Statement => ({
  name: 'tryCharacters',
  text: doBlock(
    [
      "bits bytea := pg_catalog.decode(pg_catalog.repeat('00', 8192), 'hex');",
      'utf8 bytea; encoding name := pg_catalog.getdatabaseencoding();',
    ],
    [
      'for n in 0..65535 loop',
      // NUL and halves of surrogate pairs are no text in any encoding.
      '  if n = 0 or n >= 55296 and n <= 57343 then continue; end if;',
      "  utf8 := pg_catalog.decode(case when n < 128 then pg_catalog.lpad(pg_catalog.to_hex(n), 2, '0')",
      '    when n < 2048 then pg_catalog.to_hex((192 + n / 64) * 256 + 128 + n % 64)',
      "    else pg_catalog.to_hex((224 + n / 4096) * 65536 + (128 + n / 64 % 64) * 256 + 128 + n % 64) end, 'hex');",
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
