/**
 * Words and phrases that read as old or as translated, each with what to write instead. A space stands for any white
 * space. Only what is wrong nearly everywhere belongs here: a lint with false alarms is switched off.
 */
const SLIPS = [
  // Persons: say "you", or name the role, process or program.
  ['whoever|whosoever', 'name the role, process or reader: "a role that …"'],
  ["some(?:one|body)(?:'s)?|any(?:one|body)(?:'s)?", '"you", "another role", "any process"'],
  ["nobody(?:'s)?|no one(?:'s)?", '"no role", "no process", or the passive'],
  ['those who|who has it', '"roles that …", "the process that holds it"'],
  ["one[’']s own|oneself", '"your own", or name the user'],
  // Old or bookish.
  [
    'amongst|whilst|whence|upon|lest|ought|shall',
    '"among", "while", "from which", "on", "so that … not", "must"',
  ],
  ['thereby|whereby|hereby|thereof|hence|thus', '"so", "by which", "therefore"'],
  [
    'as yet|in vain|of its own accord|of themselves',
    '"so far", "without success", "automatically"',
  ],
  ['left-overs?', '"leftover", "leftovers"'],
  ['mends?|mended|mending', '"fix", "repair"'],
  ['be it(?= (?:a|an|the|of|in|by|with|one) )', '"whether … or …"'],
  ['but for', '"except", "except for"'],
  ['nothing but', '"only"'],
  ['as good as', '"equivalent to", "almost"'],
  ['pass(?:es|ed|ing)? over', '"skip"'],
  ['see(?:s|n)? to', '"handle", "make sure that"'],
  ['(?:is|are|stands?) there twice', '"appears twice"'],
  ['goes on with|go on with|went on with', '"continue"'],
  [
    '(?<!\\bthere )(?:is|are|was|were) no (?!longer\\b|more\\b|less\\b|fewer\\b|later\\b|earlier\\b|bigger\\b)\\w+',
    '"is not a …"',
  ],
  ['no \\w+ but', '"only"'],
  // How far, how many.
  ['tells? how far|how far it is', '"shows the progress of"'],
  [
    'most (?:records|rows|bytes|files|tasks|groups) (?:of|in|to)',
    '"at most N …", "the maximum number of …"',
  ],
  ['(?:at least|at most|after|for) so (?:many|much|long)', '"that many", "this long"'],
  // Terms of the field.
  ['a text(?! (?:file|column|field|type|form|format|editor)\\b)', '"a string"'],
  ['would decide otherwise|decides? otherwise', '"would choose differently"'],
  // Padding.
  ['in order to', '"to"'],
  ['please|kindly', 'the plain imperative'],
  ['simply|obviously|of course|easily|basically', 'nothing: leave it out'],
  ['just (?:a|an|the|use|add|call|run|like|because|that|to)', 'nothing: leave it out'],
  ['utili[sz]es?|leverages?', '"use"'],
  // Ambiguous: forbidden, or possible.
  ['may not(?<!may or may not)', '"must not", "cannot" or "might not"'],
  // Abbreviations.
  ['e\\.g\\.|i\\.e\\.|etc\\.', '"for example", "that is", "and so on"'],
].map(([pattern, instead]) => ({ pattern: asPattern(pattern), instead }));

/** Marks instead of words; strings have reasons of their own for both. */
const MARKS = [
  { pattern: /(?<=[a-z])!(?=\s|$)/g, instead: 'a full stop' },
  { pattern: /(?<=[a-z][,.;:]?) {2,}(?=\w)/gi, instead: 'one space' },
];

function asPattern(words) {
  const spaced = words.replaceAll(' ', '\\s+');
  return new RegExp(`(?<![\\w-])(?:${spaced})(?![\\w-])`, 'gi');
}

/**
 * What is wrong with a text: index and words of each slip, with what to write instead.
 *
 * @param kind `string` for the text of a program, which is not looked at for marks
 */
export function findSlips(text, kind = 'prose') {
  const rules = kind === 'string' ? SLIPS : [...SLIPS, ...MARKS];
  return rules
    .flatMap(({ pattern, instead }) =>
      [...text.matchAll(pattern)].map(({ 0: words, index }) => ({ index, words, instead })),
    )
    .sort((a, b) => a.index - b.index);
}
