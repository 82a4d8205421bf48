export interface Sentence {
  /** The heading above it. */
  readonly section: string;
  readonly text: string;
}

/** What a page says in prose: sentences, items of lists and rows of tables, as plain text. */
export function sentencesIn(markdown: string): Sentence[] {
  const prose = markdown
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<\/?\w[^>]*>/g, '')
    .replace(/^ {4}.*$/gm, '');
  let section = '';
  return prose.split(/\n\s*\n|\n(?=- |\||#)|(?<=^#.*)\n/m).flatMap((block) => {
    const [, heading] = /^#+ (.+)$/.exec(block.trim()) ?? [];
    section = heading ?? section;
    return heading === undefined ? sentencesOf(block).map((text) => ({ section, text })) : [];
  });
}

/** A sentence ends where another one begins. */
const END = /(?<=[.!?:]) (?=[\p{Lu}`"])/u;

function sentencesOf(block: string): string[] {
  const text = plain(block.trim().replace(/^- /, '').replace(/\s+/g, ' '));
  if (/^\|[-:| ]*$/.test(text)) return [];
  const sentences = text.startsWith('|') ? [row(text)] : text.split(END);
  // Fewer than three words are a label.
  return sentences.filter((sentence) => /\S\s+\S+\s+\S/.test(sentence));
}

function plain(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('**', '')
    .trim();
}

function row(line: string): string {
  return line
    .split('|')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '')
    .join(' | ');
}
